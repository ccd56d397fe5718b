from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="guess",
            name="person",
            field=models.CharField(db_index=True, default="", max_length=64),
        ),
    ]
