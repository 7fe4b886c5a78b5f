from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("safety", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="word",
            name="updated_at",
            field=models.DateTimeField(auto_now=True, db_index=True, verbose_name="changed"),
        ),
        migrations.AlterField(
            model_name="word",
            name="category",
            field=models.CharField(
                choices=[
                    ("sexual", "sexual content"),
                    ("minors", "sexualised minors"),
                    ("violence", "violence and gore"),
                    ("hate", "hate and harassment"),
                    ("politics", "political content"),
                    ("illegal", "illegal goods and acts"),
                    ("other", "other rules of this site"),
                    ("allowed", "allowed phrase"),
                ],
                default="other",
                max_length=12,
                verbose_name="category",
            ),
        ),
    ]
