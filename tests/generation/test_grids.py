"""A grid is checked and counted whole, then written whole."""

import pytest
from PIL import Image

from generation import limits
from generation.grids import axes, grids
from generation.models import Job, JobGroup
from models_hub.models import ModelCard
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, PictureFactory, UserFactory
from tests.generation.drawn import source_of, with_file
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def version():
    return ModelVersionFactory(card__slug="starter", card__name="Starter")


@pytest.fixture
def ask(owner, version):
    def submit(x=("steps", "2, 4"), y=("", ""), **asked):
        return grids.submit_grid(owner=owner, x=x, y=y, **{"version": version, "prompt": "a red apple", **asked})

    return submit


@pytest.mark.parametrize(
    ("name", "typed", "values"),
    [
        ("steps", "10, 20，30", (10, 20, 30)),
        ("steps", "10-30:10", (10, 20, 30)),
        ("steps", "1-3, 3, 9", (1, 2, 3, 9)),
        ("guidance", "0.2-0.8:0.2", (0.2, 0.4, 0.6, 0.8)),
        ("lora_weight", "-1-1:1", (-1, 0, 1)),
        ("sampler", "Euler a, dpmpp_2m", ("euler_a", "dpmpp_2m")),
        ("prompt", 'red, "green, dark", 蓝色', (["red", "red"], ["red", "green, dark"], ["red", "蓝色"])),
        ("prompt", "red => green, blue", (["red", "green"], ["red", "blue"])),
    ],
)
def test_values_are_read_as_people_type_them(name, typed, values):
    assert axes.parse("x", name, typed).values == values


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("steps", ""),
        ("steps", "many"),
        ("steps", "1.5"),
        ("steps", "30-10"),
        ("steps", "1-9:0"),
        ("steps", "1-9:0.5"),
        ("steps", "1.5-9"),
        ("seed", "1-" + "9" * 390),
        ("steps", "1-1000000000"),
        ("steps", "9" * 6000),
        ("guidance", "nan"),
        ("guidance", "1e999"),
        ("sampler", "magic"),
        ("model", "nowhere"),
        ("prompt", "=> green"),
        ("prompt", "red\x00"),
        ("seed", "1, " * 5000),
    ],
)
def test_values_that_cannot_be_read_are_told_at_the_axis(name, typed):
    with pytest.raises(DomainError) as refused:
        axes.parse("x", name, typed)

    assert refused.value.field == "x_values"
    assert "%(" not in str(refused.value)


def test_every_pair_of_values_is_a_cell(ask, owner):
    grid = ask(y=("prompt", "red, green"))

    cells = [(job.cell_x, job.cell_y, job.steps, job.prompt) for job in grids.cells(grid)]
    assert cells == [
        (0, 0, 2, "a red apple"),
        (1, 0, 4, "a red apple"),
        (0, 1, 2, "a green apple"),
        (1, 1, 4, "a green apple"),
    ]
    assert set(grid.jobs.values_list("is_bulk", "owner", "count")) == {(True, owner.pk, 1)}


def test_all_cells_have_one_seed_so_that_they_compare(ask):
    assert ask().jobs.values("seed").distinct().count() == 1


def test_models_loras_and_strengths_can_be_varied(ask, owner, version):
    ModelVersionFactory(card__slug="other")
    lora = ModelVersionFactory(card=ModelCardFactory(kind=ModelCard.Kind.LORA))

    grid = ask(x=("model", "starter, other"), y=("lora_weight", "0, 0.5"), loras=[(lora, 1.0)])
    varied = ask(x=("strength", "0.3-0.9:0.3"), source=source_of(owner))

    used = {(job.version.card.slug, job.loras.get().weight) for job in grid.jobs.all()}
    assert used == {("starter", 0), ("other", 0), ("starter", 0.5), ("other", 0.5)}
    assert [job.strength for job in grids.cells(varied)] == [0.3, 0.6, 0.9]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"x": ("", "")}, "x_axis"),
        ({"x": ("magic", "1")}, "x_axis"),
        ({"y": ("steps", "1, 2")}, "y_axis"),
        ({"x": ("seed", "1-9"), "y": ("steps", "1-9")}, "x_values"),
        ({"x": ("steps", "2, 900")}, "x_values"),
        ({"y": ("guidance", "1, 99")}, "y_values"),
        ({"y": ("prompt", "pear, plum")}, "y_values"),
        ({"x": ("lora_weight", "0, 1")}, "x_axis"),
        ({"x": ("strength", "0.5")}, "x_axis"),
        ({"prompt": ""}, "prompt"),
    ],
)
def test_one_cell_that_cannot_be_drawn_refuses_the_whole_grid(ask, asked, field):
    with pytest.raises(DomainError) as refused:
        ask(**asked)

    assert refused.value.field == field
    assert not JobGroup.objects.exists()
    assert not Job.objects.exists()


def test_a_grid_beyond_the_quota_is_refused_whole(ask, settings):
    settings.MAX_BULK_JOBS = 3

    with pytest.raises(DomainError) as refused:
        ask(y=("guidance", "1, 2"))

    assert refused.value.status == 429
    assert not Job.objects.exists()


def test_the_same_key_gives_the_same_grid(ask):
    first, again = ask(idempotency_key="k"), ask(idempotency_key="k")

    assert first == again
    assert again.replayed
    with pytest.raises(DomainError):
        ask(idempotency_key="k", prompt="a blue apple")


def test_cancelling_a_grid_leaves_what_is_done(ask, owner):
    grid = ask(x=("steps", "2, 3, 4"))
    done = grids.cells(grid)[0]
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)

    assert grids.cancel_grid(grid=grid, by=owner) == 2
    assert sorted(grid.jobs.values_list("state", flat=True)) == ["cancelled", "cancelled", "done"]


def test_the_sheet_shows_each_picture_in_its_place(ask, owner):
    grid = ask(x=("prompt", "red, 蓝色"))
    job = grids.cells(grid)[1]
    job.results.create(index=0, picture=with_file(PictureFactory(owner=owner), size=(512, 512), colour="blue"))

    from generation.grids import sheets

    file, size = sheets.png(grid)
    file.seek(0)
    with Image.open(file) as sheet:
        colours = [sheet.convert("RGB").getpixel((sheet.width * share // 4, sheet.height - 200)) for share in (1, 3)]
    assert colours[1] == (0, 0, 255)
    assert colours[0] == (0xE7, 0xE5, 0xE4)
    assert size > 1000


@pytest.fixture
def people(owner):
    return {"owner": owner, "other": UserFactory(), "staff": UserFactory(is_staff=True, is_superuser=True)}


@pytest.mark.parametrize("page", ["", "state.json", "sheet.png"])
@pytest.mark.parametrize(("who", "status"), [("guest", 302), ("owner", 200), ("other", 404), ("staff", 404)])
def test_a_grid_is_shown_to_its_owner_alone(client, ask, people, who, status, page):
    grid = ask()
    if who in people:
        client.force_login(people[who])

    assert client.get(f"{grid.get_absolute_url()}{page}").status_code == status


@pytest.mark.parametrize(("who", "is_cancelled"), [("guest", False), ("owner", True), ("other", False)])
def test_only_its_owner_cancels_a_grid(client, ask, people, who, is_cancelled):
    grid = ask()
    if who in people:
        client.force_login(people[who])

    client.get(f"{grid.get_absolute_url()}cancel/")
    assert grid.jobs.active().count() == 2
    client.post(f"{grid.get_absolute_url()}cancel/")

    assert (grid.jobs.active().count() == 0) == is_cancelled


def test_a_larger_grid_costs_no_more_queries(client, ask, owner, django_assert_max_num_queries):
    client.force_login(owner)
    grid = ask(x=("steps", "2-9"), y=("guidance", "1-3"))
    for job in grid.jobs.all():
        job.results.create(index=0, picture=PictureFactory(owner=owner))

    with django_assert_max_num_queries(12):
        assert client.get(f"{grid.get_absolute_url()}state.json").json()["total"] == 24


def test_the_list_of_grids_is_paged_and_counted(client, owner, django_assert_max_num_queries):
    client.force_login(owner)
    for _ in range(30):
        JobFactory(owner=owner, group=JobGroup.objects.create(owner=owner, x_axis={"name": "steps"}), state="done")

    with django_assert_max_num_queries(10):
        page = client.get("/grids/").context["page"]

    assert (len(page), page.paginator.num_pages) == (24, 2)
    assert (page[0].done, page[0].total) == (1, 1)


def test_the_form_asks_for_a_grid(client, owner, version):
    client.force_login(owner)

    answer = client.post("/generate/", {"prompt": "a red apple", "x_axis": "seed", "x_values": "1-3"})

    assert answer.url == JobGroup.objects.get().get_absolute_url()
    refused = client.post("/generate/", {"prompt": "a red apple", "x_axis": "seed", "x_values": "one"})
    assert "x_values" in refused.context["form"].errors


def test_words_that_would_swell_a_prompt_are_refused_before_it_is_made(ask):
    prompt = "a" * limits.MAX_PROMPT

    with pytest.raises(DomainError) as refusal:
        ask(x=("prompt", "a => " + "b" * 3000), prompt=prompt)

    assert refusal.value.field == "x_values"
    with pytest.raises(DomainError):
        grids.replaced("y", "a", "b" * 3000, "a" * 10**5, prompt)
