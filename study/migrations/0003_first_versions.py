"""Studies of before: their protocol is version 1, and whoever was staff owns them."""

import hashlib
import secrets

from django.db import migrations


def give(apps, schema_editor):
    Study = apps.get_model("study", "Study")
    Version = apps.get_model("study", "StudyVersion")
    Membership = apps.get_model("study", "Membership")
    User = apps.get_model("auth", "User")
    staff = list(User.objects.filter(is_staff=True))
    for study in Study.objects.all():
        study.pilot_seed = secrets.randbits(63)
        study.pilot_seed_digest = hashlib.sha256(str(study.pilot_seed).encode()).hexdigest()
        study.save(update_fields=["pilot_seed", "pilot_seed_digest"])
        Version.objects.create(
            study=study, number=1, protocol_id=study.protocol_id, at=study.created_at
        )
        Membership.objects.bulk_create(
            Membership(study=study, user=user, role="owner") for user in staff
        )


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("study", "0002_orchestration"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
