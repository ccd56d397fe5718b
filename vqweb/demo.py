"""A believable mail server for `make demo`: who is on it, always the same people. Nothing is made here."""
# ruff: noqa: E501  (tables of names)

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

# (given names, family names) by language; addresses are spelled without accents, display names with them.
PEOPLE = {
    "en": (
        "Alice Amelia Arthur Benjamin Charlotte Daniel Edith Emily Fiona George Grace Harriet Henry Isla Jack James "
        "Kate Leo Lucy Martha Nathan Oliver Owen Poppy Rachel Ruth Samuel Sophie Thomas Violet Walter William",
        "Abbott Barker Bennett Carter Chapman Clarke Dawson Ellis Fletcher Foster Gibson Harper Hughes Jenkins Knight "
        "Lambert Marsh Newton Palmer Parker Quinn Reed Shaw Sutton Turner Walsh Webb Wright Young",
    ),
    "de": (
        "Anja Bernd Birgit Christoph Dieter Elke Felix Franziska Greta Hannes Heike Ingo Jan Jörg Katharina Klara "
        "Lena Lukas Marie Matthias Nele Oskar Petra Rüdiger Sabine Stefan Susanne Thorsten Ute Wiebke",
        "Albrecht Bäcker Brandt Dietrich Engel Fischer Friedrich Graf Günther Hartmann Huber Jäger Keller Köhler "
        "Krause Lehmann Lorenz Möller Neumann Pohl Richter Schäfer Schreiber Seidel Vogel Weiß Ziegler",
    ),
    "it": (
        "Alessandro Andrea Anna Antonio Beatrice Bruno Carla Chiara Davide Elena Enrico Federica Francesca Giorgio "
        "Giulia Giuseppe Ilaria Lorenzo Luca Marco Martina Matteo Nicolò Paola Roberto Sara Silvia Teresa Valentina",
        "Barbieri Bellini Bianchi Caruso Colombo Conti Costa Esposito Ferrari Fontana Gallo Galli Greco Leone Lombardi "
        "Longo Mancini Marino Martini Moretti Ricci Rinaldi Romano Rossi Santoro Villa",
    ),
    "fr": (
        "Adèle Antoine Camille Céline Chloé Claire Denis Élodie Émile François Gaëlle Hélène Hugo Inès Jérôme Julie "
        "Léa Louis Lucie Manon Mathieu Nathalie Noé Pauline Rémi Sylvie Théo Thérèse Valérie Yves",
        "Aubert Bernard Blanchet Bonnet Chevalier Delacroix Dubois Dupont Faure Fournier Garnier Girard Lambert Laurent "
        "Lefèvre Legrand Leroy Marchand Mercier Moreau Perrin Renard Robin Roux Simon Vidal",
    ),
    "pl": (
        "Agnieszka Aleksandra Andrzej Barbara Dorota Ewa Grzegorz Hanna Iwona Jacek Jakub Joanna Justyna Kamil "
        "Katarzyna Krzysztof Magda Małgorzata Marek Michał Natalia Paweł Piotr Rafał Stanisław Tomasz Urszula Zofia",
        "Adamczyk Baran Dąbrowski Duda Górski Jankowski Kaczmarek Kowalczyk Kozłowski Lewandowski Majewski Mazur Nowak "
        "Pawlak Pietrzak Sikora Sobczak Szymański Wieczorek Wilk Wójcik Wróbel Zając Zieliński",
    ),
    "es": (
        "Alba Álvaro Beatriz Carlos Carmen Diego Elena Esteban Gonzalo Inés Irene Javier Jorge Lucía Luis Manuel Marta "
        "Miguel Mónica Nuria Pablo Pilar Raúl Rocío Rubén Sergio Sofía Tomás Verónica",
        "Álvarez Blanco Cabrera Castro Delgado Domínguez Fernández García Gómez Herrera Ibáñez Jiménez León López Molina "
        "Moreno Muñoz Navarro Ortega Pérez Ramos Romero Ruiz Sánchez Torres Vega",
    ),
}
SPELLED = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "à": "a", "á": "a", "è": "e", "é": "e", "ë": "e", "ê": "e", "í": "i", "ï": "i",
        "ó": "o", "ò": "o", "ô": "o", "ú": "u", "ñ": "n", "ç": "c", "ą": "a", "ę": "e", "ł": "l", "ń": "n", "ś": "s", "ż": "z", "ź": "z",
    }
)  # fmt: skip


@dataclass(frozen=True)
class DemoDomain:
    """A domain with its number of people; `quota` is the usual one, in people's words."""

    name: str
    language: str
    people: int
    quota: str = "2 GB"
    unknown: str = "bounce"
    alias_domains: tuple[str, ...] = ()
    departments: tuple[str, ...] = ("info", "office")


DOMAINS = (
    DemoDomain("northgate-college.example", "en", 118, "5 GB", departments=("info", "admissions", "library", "it", "alumni")),
    DemoDomain("stadtwerke-auenheim.example", "de", 84, departments=("info", "presse", "stoerung", "buchhaltung", "it")),
    DemoDomain("lombardi-trasporti.example", "it", 61, alias_domains=("lombardi.example",), departments=("info", "ufficio", "ordini")),
    DemoDomain("clinique-saint-roch.example", "fr", 57, "4 GB", departments=("accueil", "urgences", "pharmacie")),
    DemoDomain("harbour-logistics.example", "en", 52, alias_domains=("harbour.example", "harbourlog.example"), departments=("info", "sales", "dispatch")),
    DemoDomain("kancelaria-wilk.example", "pl", 18, departments=("biuro", "sekretariat")),
    DemoDomain("bodegas-ibanez.example", "es", 24, alias_domains=("ibanez.example",), departments=("info", "pedidos", "prensa")),
    DemoDomain("xn--bckerei-mller-bfb2z.example", "de", 12, alias_domains=("baeckerei-moeller.example",)),
    DemoDomain("meadow-veterinary.example", "en", 15, departments=("info", "appointments")),
    DemoDomain("schreinerei-huber.example", "de", 9, "NOQUOTA"),
    DemoDomain("teatro-aurora.example", "it", 31, departments=("info", "biglietteria", "stampa")),
    DemoDomain("librairie-du-port.example", "fr", 8),
    DemoDomain("architekci-zajac.example", "pl", 14, "10 GB", departments=("biuro",)),
    DemoDomain("valley-orchestra.example", "en", 46, "500 MB", departments=("info", "tickets", "board")),
    DemoDomain("gemeinde-lindau-tal.example", "de", 38, departments=("info", "rathaus", "bauamt", "kita")),
    DemoDomain("panificio-greco.example", "it", 7),
    DemoDomain("atelier-renard.example", "fr", 5, "1 GB", unknown="postmaster@atelier-renard.example"),
    DemoDomain("clinica-vega.example", "es", 22, departments=("info", "citas")),
    DemoDomain("foundry-software.example", "en", 34, "20 GB", alias_domains=("foundry.example",), departments=("info", "support", "jobs", "security")),
    DemoDomain("wandervogel-verein.example", "de", 16, "200 MB", departments=("vorstand", "info")),
    DemoDomain("hotel-miramare.example", "it", 11, departments=("info", "prenotazioni")),
    DemoDomain("quiet-river-press.example", "en", 6),
    DemoDomain("ogrody-majewski.example", "pl", 4, "NOQUOTA"),
    DemoDomain("old-mill-archive.example", "en", 2, "100 MB", unknown="delete"),
    DemoDomain("familie-seidel.example", "de", 5, "NOQUOTA", departments=()),
)  # fmt: skip


@dataclass(frozen=True)
class DemoPerson:
    """`flags` are bits of pw_gid (vpopmail.flags); `days_ago` is the last sign-in, None for never."""

    name: str
    display: str
    quota: str
    flags: int
    days_ago: float | None


@dataclass(frozen=True)
class DemoAlias:
    name: str
    lines: tuple[str, ...] = field(default=())


# Who is what, in a hundred: (how many, bits of pw_gid).
STATES = ((3, 0x1000), (2, 0x02 | 0x04 | 0x08 | 0x800), (4, 0x02), (2, 0x04), (1, 0x10))


def spelled(name: str) -> str:
    """A display name as the local part of an address."""
    return name.lower().translate(SPELLED).replace(" ", ".")


def _flags(chance: random.Random) -> int:
    roll = chance.uniform(0, 100)
    for share, bits in STATES:
        if roll < share:
            return bits
        roll -= share
    return 0


def _days_ago(chance: random.Random) -> float | None:
    """Most people sign in daily, some rarely, a few never did."""
    if chance.random() < 0.05:
        return None
    return min(chance.expovariate(1 / 3), 400) if chance.random() < 0.85 else chance.uniform(20, 400)


def people(domain: DemoDomain) -> Iterator[DemoPerson]:
    """The same people for a domain every time, no two with one address."""
    chance = random.Random(domain.name)  # noqa: S311
    given, family = (names.split() for names in PEOPLE[domain.language])
    seen: set[str] = set()
    while len(seen) < domain.people:
        display = f"{chance.choice(given)} {chance.choice(family)}"
        if spelled(display) in seen:
            continue
        seen.add(spelled(display))
        quota = chance.choices((domain.quota, "10 GB", "NOQUOTA"), (90, 6, 4))[0]
        yield DemoPerson(spelled(display), display, quota, _flags(chance), _days_ago(chance))


def aliases(domain: DemoDomain, names: list[str]) -> Iterator[DemoAlias]:
    """Departments go to some of the people, one alias goes elsewhere, one swallows what it gets."""
    chance = random.Random(f"aliases of {domain.name}")  # noqa: S311
    for department in domain.departments:
        some = chance.sample(names, min(len(names), chance.choice((1, 1, 2, 3, 5))))
        yield DemoAlias(department, tuple(f"&{name}@{domain.name}" for name in sorted(some)))
    if len(names) > 10:
        yield DemoAlias("newsletter", (f"&{domain.name.split('.')[0]}@lists.example.org",))
        yield DemoAlias("noreply", ("#",))
        former = chance.choice(PEOPLE[domain.language][1].split())
        yield DemoAlias(spelled(former), (f"&{chance.choice(names)}@{domain.name}", "&archive@example.org"))
