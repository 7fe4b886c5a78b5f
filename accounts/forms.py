"""What a user may say of themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile


class ProfileForm(forms.ModelForm):
    website = forms.URLField(label=_("Website"), assume_scheme="https", required=False)

    class Meta:
        model = Profile
        fields = ["bio", "website"]

    def clean_bio(self):
        return self.cleaned_data["bio"].replace("\x00", "")
