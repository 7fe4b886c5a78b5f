"""What keeps prompts lawful: the word list and the site-wide prompt guard."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WordQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class Word(models.Model):
    """A word or phrase that a prompt may not contain."""

    class Category(models.TextChoices):
        SEXUAL = "sexual", _("sexual content")
        MINORS = "minors", _("sexualised minors")
        VIOLENCE = "violence", _("violence and gore")
        HATE = "hate", _("hate and harassment")
        POLITICS = "politics", _("political content")
        ILLEGAL = "illegal", _("illegal goods and acts")
        OTHER = "other", _("other rules of this site")
        # Not forbidden: excuses a forbidden word inside it (nude lipstick).
        ALLOWED = "allowed", _("allowed phrase")

    text = models.CharField(_("word or phrase"), max_length=100, unique=True)
    category = models.CharField(_("category"), max_length=12, choices=Category, default=Category.OTHER)
    is_active = models.BooleanField(_("active"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Tells every process that its compiled list is old; an `update()` of words must set it.
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    objects = WordQuerySet.as_manager()

    class Meta:
        verbose_name = _("forbidden word")
        verbose_name_plural = _("forbidden words")
        ordering = ["text"]

    def __str__(self):
        return self.text


class PromptGuard(models.Model):
    """Words that the site adds to every prompt. One row, edited by administrators, recorded in every recipe."""

    prefix = models.CharField(_("prompt prefix"), max_length=300, blank=True)
    negative_prefix = models.CharField(_("negative prompt prefix"), max_length=300, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("prompt guard")
        verbose_name_plural = _("prompt guard")

    def __str__(self):
        return str(_("Prompt guard"))

    @classmethod
    def current(cls):
        return cls.objects.get_or_create(pk=1)[0]
