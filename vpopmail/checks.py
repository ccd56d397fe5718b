"""`manage.py check` for vpopmail: tables, helper, directories."""
