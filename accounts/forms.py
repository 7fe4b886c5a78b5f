"""What a user may say of themselves."""

from django import forms

from accounts.models import Profile


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["bio", "website"]

    def clean_bio(self):
        return self.cleaned_data["bio"].replace("\x00", "")
