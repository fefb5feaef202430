"""The same pages as walk.yaml, in oTree's words."""

from otree.api import BaseConstants, BaseGroup, BasePlayer, BaseSubsession, Page, models, widgets


class C(BaseConstants):
    NAME_IN_URL = "walk"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


def tick(label):
    return models.BooleanField(label=label, widget=widgets.CheckboxInput, blank=True)


def choice(label, *values):
    return models.StringField(label=label, choices=list(values), widget=widgets.RadioSelect)


def likert(label):
    return models.IntegerField(
        label=label, choices=[1, 2, 3, 4, 5], widget=widgets.RadioSelectHorizontal
    )


class Player(BasePlayer):
    informed = tick("I have read this page.")
    agreed = tick("I take part of my own free will.")
    vendor = tick("Text may be sent to a company.")
    adult = choice("Are you 18 or older?", "adult", "minor")
    built_ml = choice("Have you ever built a model?", "never", "once")
    age = models.IntegerField(label="How old are you?", min=18, max=120)
    gender = choice("What is your gender?", "woman", "man", "other", "unsaid")
    ml_experience = choice("How familiar are you?", "none", "heard", "used", "studied")
    uq1 = likert("The advice was to the point.")
    uq2 = likert("The advice was useful.")
    uq3 = likert("It was good that it came by itself.")
    uq4 = likert("It was good that I could ask.")
    uq5 = likert("It was good that I could press a button.")
    sus1 = likert("I would like to use this tool often.")
    sus2 = likert("I found it complicated.")
    sus3 = likert("I thought it was easy.")
    sus4 = likert("I would need help.")
    sus5 = likert("Its parts fit together.")
    sus6 = likert("There was inconsistency.")
    sus7 = likert("Most people would learn it quickly.")
    sus8 = likert("It was awkward.")
    sus9 = likert("I felt confident.")
    sus10 = likert("I had to learn a lot.")


class Consent(Page):
    form_model = "player"
    form_fields = ["informed", "agreed", "vendor"]


class Screening(Page):
    form_model = "player"
    form_fields = ["adult", "built_ml"]


class About(Page):
    form_model = "player"
    form_fields = ["age", "gender", "ml_experience"]


class Words(Page):
    pass


class Experience(Page):
    form_model = "player"
    form_fields = [f"uq{n}" for n in range(1, 6)]


class Usability(Page):
    form_model = "player"
    form_fields = [f"sus{n}" for n in range(1, 11)]


class End(Page):
    pass


page_sequence = [Consent, Screening, About, Words, Experience, Usability, End]
