"""The library would show the secrets of authenticator apps in the Django admin: they are nobody's to read."""

from django.contrib import admin
from django_otp.plugins.otp_totp.models import TOTPDevice

admin.site.unregister(TOTPDevice)
