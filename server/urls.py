"""The map of the pages about this server."""

from django.urls import path

from server import doctor_views, views

urlpatterns = [
    path("server/", views.server, name="server"),
    path("server/doctor/", doctor_views.doctor_page, name="doctor"),
    path("server/doctor/examine/", doctor_views.doctor_examine, name="doctor-examine"),
    path("server/doctor/repair/", doctor_views.doctor_repair, name="doctor-repair"),
]
