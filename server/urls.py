"""The map of the pages about this server."""

from django.urls import path

from server import (
    doctor_views,
    ip_map_views,
    relay_views,
    sign_in_views,
    trash_empty_views,
    trash_views,
    views,
)

urlpatterns = [
    path("server/", views.server, name="server"),
    path("server/sign-ins/", sign_in_views.sign_ins, name="sign-ins"),
    path("domains/<str:domain>/sign-ins/", sign_in_views.domain_sign_ins, name="domain-sign-ins"),
    path("server/relay/", relay_views.relay, name="relay"),
    path("server/ip-map/", ip_map_views.ip_map_list, name="ip-map"),
    path("server/ip-map/add/", ip_map_views.add_ip, name="add-ip"),
    path("server/ip-map/<str:ip>/", ip_map_views.change_ip, name="change-ip"),
    path("server/ip-map/<str:ip>/delete/", ip_map_views.delete_ip, name="delete-ip"),
    path("server/trash/", trash_views.trash, name="trash"),
    path("server/trash/empty/", trash_empty_views.empty_everything, name="empty-everything"),
    path("server/trash/<str:key>/", trash_views.trash_entry, name="trash-entry"),
    path("server/trash/<str:key>/restore/", trash_views.restore, name="restore"),
    path("server/trash/<str:key>/restore/<str:name>/", trash_views.restore_account, name="restore-account"),
    path("server/trash/<str:key>/empty/", trash_empty_views.empty_trash, name="empty-trash"),
    path("server/doctor/", doctor_views.doctor_page, name="doctor"),
    path("server/doctor/examine/", doctor_views.doctor_examine, name="doctor-examine"),
    path("server/doctor/repair/", doctor_views.doctor_repair, name="doctor-repair"),
]
