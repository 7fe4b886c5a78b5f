import uuid

from django.urls import reverse

from visionary.common.addresses import of_row


def test_the_quick_address_is_the_one_of_the_urlconf():
    pk = uuid.uuid4()

    assert of_row("gallery:picture", pk) == reverse("gallery:picture", args=[pk])
    assert of_row("gallery:preview", pk, 256) == reverse("gallery:preview", args=[pk, 256])
