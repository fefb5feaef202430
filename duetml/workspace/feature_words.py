"""What each feature is called and what it does to a study, for people who choose.

The same sentences as in duetml/features.py, where no catalogue finds them; a test compares them.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: Mapping[str, Promise] = {
    "chat": _("Chat"),
    "ask_data": _("Ask about the training data"),
    "ask_test": _("Ask about the test results"),
    "proactive": _("An assistant that speaks by itself"),
    "upload": _("One’s own pictures"),
    "arrange": _("Reorder and merge categories"),
    "copies": _("A picture in several categories"),
    "folders": _("Whole folders and zip files"),
    "similar": _("More like this"),
    "history": _("Earlier runs"),
    "quality": _("Accuracy and mistakes"),
    "nearest": _("Nearest training pictures"),
    "map": _("Map of all pictures"),
    "take_home": _("Take it home"),
}

DESCRIPTIONS: Mapping[str, Promise] = {
    "chat": _("D: talk with the reactive agent. The treatment of the DuetML study."),
    "ask_data": _("E: ask about the training data. The treatment of the DuetML study."),
    "ask_test": _("F: ask about the test results. The treatment of the DuetML study."),
    "proactive": _(
        "G: the second agent speaks by itself, and can be switched off. The treatment of the "
        "DuetML study."
    ),
    "upload": _(
        "Pictures of one's own, next to the pool. Participants then no longer work with the "
        "same pictures."
    ),
    "arrange": _(
        "Reorder and merge categories. Makes rethinking the categories cheaper, which is what"
        " the agents of the DuetML study are meant to cause."
    ),
    "copies": _(
        "The same picture in several categories. Allows overlapping categories, which EQ5 scores."
    ),
    "folders": _(
        "Whole folders and zip files, their folders becoming categories. Categories may then "
        "be decided outside the workspace, unseen by the log."
    ),
    "similar": _(
        "Show more pictures like this one. The model's view of likeness suggests what belongs"
        " together: advice, though no agent gives it."
    ),
    "history": _(
        "Earlier training runs with their data, which can be restored. Encourages trying "
        "things out."
    ),
    "quality": _(
        "Cross-validated accuracy with an interval, a confusion matrix, mistakes first. "
        "Points at wrong pictures and overlapping categories: advice on EQ2, EQ3 and EQ5."
    ),
    "nearest": _(
        "The training pictures nearest to a tested one, as an explanation. Teaches how the "
        "classifier judges."
    ),
    "map": _(
        "A map of all pictures by likeness, from which pictures can be moved. Shows ready-"
        "made groups: advice on how to divide."
    ),
    "take_home": _(
        "Download the classifier, the pictures and a model card. Pictures leave the study: "
        "check the licence of the pool."
    ),
}
