"""What a user may say of themselves, and how they like the site."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import public_texts, sanctions
from accounts.models import Profile
from visionary.common.exceptions import DomainError

MOST_LINKS = 6


def link_field(label):
    return forms.URLField(label=label, assume_scheme="https", required=False, max_length=200)


class ProfileForm(forms.ModelForm):
    """The words of a profile. Links are pairs of fields, `link_title_0` and `link_url_0` and on."""

    website = link_field(_("Website"))

    class Meta:
        model = Profile
        fields = ["bio", "website"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        given = [*self.instance.links, *[{}] * MOST_LINKS][:MOST_LINKS]
        for number, link in enumerate(given):
            title = forms.CharField(label=_("Name of the link"), required=False, max_length=40)
            title.initial = link.get("title", "")
            address = link_field(_("Address of the link"))
            address.initial = link.get("url", "")
            self.fields[f"link_title_{number}"], self.fields[f"link_url_{number}"] = title, address

    def clean_bio(self):
        return self.cleaned_data["bio"].replace("\x00", "")

    def clean_website(self):
        return web_only(self.cleaned_data["website"])

    def clean(self):
        cleaned = super().clean()
        for number in range(MOST_LINKS):
            title, address = f"link_title_{number}", f"link_url_{number}"
            try:
                web_only(cleaned.get(address, ""))
            except forms.ValidationError as error:
                self.add_error(address, error)
            if cleaned.get(title) and not cleaned.get(address) and address not in self.errors:
                self.add_error(address, _("Address of the link: type where it leads, or empty its name."))
        public_texts.check_fields(self, ["bio", *(f"link_title_{number}" for number in range(MOST_LINKS))])
        try:
            sanctions.refuse_if_muted(self.instance.user)
        except DomainError as refusal:
            self.add_error(None, str(refusal))
        return cleaned

    def link_rows(self):
        """The bound fields of the links, in pairs."""
        return [(self[f"link_title_{number}"], self[f"link_url_{number}"]) for number in range(MOST_LINKS)]

    def save(self, commit=True):
        rows = [(self.cleaned_data[f"link_title_{n}"], self.cleaned_data[f"link_url_{n}"]) for n in range(MOST_LINKS)]
        self.instance.links = [{"title": title or short(address), "url": address} for title, address in rows if address]
        return super().save(commit)


def web_only(address):
    """`address` unless it is something else than a page of the web."""
    if address and not address.lower().startswith(("http://", "https://")):
        raise forms.ValidationError(_("Use an address that begins with http:// or https://."))
    return address


def short(address):
    return address.partition("//")[2].rstrip("/")[:40]


class PortraitForm(forms.Form):
    """A picture for the profile, or only another focus for the one that is there."""

    which = forms.ChoiceField(choices=[("avatar", "avatar"), ("cover", "cover")])
    file = forms.FileField(label=_("Picture"), required=False, max_length=300)
    focus = forms.ChoiceField(label=_("Keep in sight"), choices=Profile.Focus, required=False)
    remove = forms.BooleanField(required=False)


class PrivacyForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["shows_presence", "shows_likes"]


class ContentForm(forms.ModelForm):
    content_level = forms.TypedChoiceField(
        label=_("Show me"), choices=Profile.ContentLevel, coerce=int, widget=forms.RadioSelect
    )

    class Meta:
        model = Profile
        fields = ["content_level", "blurs_mature"]


class LookForm(forms.Form):
    THEMES = [("", _("As my device has it")), ("light", _("Light")), ("dark", _("Dark"))]
    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES, required=False, widget=forms.RadioSelect)


class DeletionForm(forms.Form):
    MODELS = [
        ("keep", _("Leave them to the community, without my name")),
        ("withdraw", _("Withdraw them: their pages and files go, too")),
    ]
    models = forms.ChoiceField(label=_("My models"), choices=MODELS, initial="keep", widget=forms.RadioSelect)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
