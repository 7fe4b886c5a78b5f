"""Who uses the site, in the back office."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import roles
from accounts.admin_sanctions import SanctionInline
from accounts.models import ApiToken, Profile, User, username_key
from visionary.common.back_office import BackOfficeAdmin, FixedInline, StackedInline


class OneNameEach:
    """Refuses a username that differs from another only in case or width."""

    def clean_username(self):
        username = self.cleaned_data["username"]
        others = User.objects.filter(username_key=username_key(username)).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(_("This username is taken. Choose another one."))
        return username


class NewUserForm(OneNameEach, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User


class UserForm(OneNameEach, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


class ProfileInline(StackedInline):
    model = Profile
    fields = ["bio", "website"]
    can_delete = False


class TokenInline(FixedInline):
    model = ApiToken
    fields = ["prefix", "name", "scopes", "created_at", "last_used_at", "expires_at"]


def number_of(relation):
    """How many rows point to a user by `relation`, as a subquery: joins of several relations would multiply."""
    field = User._meta.get_field(relation).field
    rows = field.model._default_manager.filter(**{field.name: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(field.name).annotate(rows=Count("pk")).values("rows")), Value(0))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, BackOfficeAdmin):
    form, add_form, change_password_form = UserForm, NewUserForm, AdminPasswordChangeForm
    inlines = [ProfileInline, SanctionInline, TokenInline]
    list_display = ["username", "email", "role", "standing", "pictures", "jobs", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser", "groups", "date_joined"]
    search_fields = ["username", "username_key", "email"]
    ordering = ["-date_joined"]
    actions = ["sanction", "make_trusted", "take_trust", "make_moderator", "take_moderator"]
    filter_horizontal: list[str] = []
    autocomplete_fields = ["groups"]
    readonly_fields = ["last_login", "date_joined", "banned_until", "muted_until"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email"]}),
        (
            gettext_lazy("Standing"),
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "banned_until", "muted_until"]},
        ),
        (gettext_lazy("Times"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "email", "usable_password", "password1", "password2"]})]
    # Who is what is decided by those who are everything: else a moderator could make themselves one of them.
    ONLY_SUPERUSERS = ("is_superuser", "is_staff", "groups")

    def get_queryset(self, request):
        users = super().get_queryset(request).prefetch_related("groups")
        return users.annotate(n_pictures=number_of("pictures"), n_jobs=number_of("jobs"))

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, *self.ONLY_SUPERUSERS]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.may_touch(request, obj)

    def may_touch(self, request, user):
        return user is None or request.user.is_superuser or not user.is_superuser

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        Profile.objects.get_or_create(user=form.instance)

    @display(
        description=gettext_lazy("role"),
        label={"administrator": "primary", "moderator": "info", "trusted": "success", "user": ""},
    )
    def role(self, user):
        key = roles.standing(user)
        return key, roles.LABELS[key]

    @display(
        description=gettext_lazy("standing"),
        ordering="is_active",
        label={"active": "success", "closed": "danger", "banned": "danger", "muted": "warning"},
    )
    def standing(self, user):
        if not user.is_active:
            return "closed", _("closed")
        if user.is_banned:
            return "banned", _("banned")
        return ("muted", _("muted")) if user.is_muted else ("active", _("active"))

    @display(description=gettext_lazy("pictures"), ordering="n_pictures")
    def pictures(self, user):
        return user.n_pictures

    @display(description=gettext_lazy("jobs"), ordering="n_jobs")
    def jobs(self, user):
        return user.n_jobs

    @admin.action(description=gettext_lazy("Ban or mute …"), permissions=["sanction"])
    def sanction(self, request, users):
        """Leads to the form: a sanction has a reason, and is issued to one person at a time."""
        first = users.first()
        return redirect(f"{reverse('admin:accounts_sanction_add')}?user={first.pk}")

    def has_sanction_permission(self, request):
        return request.user.has_perm("accounts.add_sanction")

    @admin.action(description=gettext_lazy("Make trusted"), permissions=["trust"])
    def make_trusted(self, request, users):
        self.each(request, users, lambda user: roles.set_trusted(user=user, by=request.user), _("%(number)d trusted."))

    @admin.action(description=gettext_lazy("Take the trust back"), permissions=["trust"])
    def take_trust(self, request, users):
        def deed(user):
            return roles.set_trusted(user=user, by=request.user, trusted=False)

        self.each(request, users, deed, _("%(number)d not trusted any more."))

    def has_trust_permission(self, request):
        return request.user.has_perm("accounts.trust_user")

    @admin.action(description=gettext_lazy("Make moderator"), permissions=["appoint"])
    def make_moderator(self, request, users):
        def deed(user):
            return roles.set_moderator(user=user, by=request.user)

        self.each(request, users, deed, _("%(number)d made moderator."))

    @admin.action(description=gettext_lazy("Take the moderator's role back"), permissions=["appoint"])
    def take_moderator(self, request, users):
        def deed(user):
            return roles.set_moderator(user=user, by=request.user, moderator=False)

        self.each(request, users, deed, _("%(number)d no moderator any more."))

    def has_appoint_permission(self, request):
        return request.user.is_superuser


@admin.register(ApiToken)
class ApiTokenAdmin(BackOfficeAdmin):
    """Tokens can be looked at and revoked; their secrets are nowhere."""

    list_display = ["prefix", "user", "name", "created_at", "last_used_at", "expires_at"]
    list_filter = ["created_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["prefix", "name", "user__username"]
    fields = ["prefix", "user", "name", "scopes", "created_at", "last_used_at", "expires_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
