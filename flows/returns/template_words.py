"""The words of the workbook that a board fills in."""

from ..base import swedish
from ..model.asked_questions import AskedQuestion
from ..model.measures import UNKNOWN_PART, Measure

FIELD_HELP = {
    "grant": "{grant}",
    "board": "{board}",
    "period_end_on": "Redovisa allt sedan bidragets början, {reported}.",
    "version": "Skriv 1 första gången. Öka med 1 varje gång ni skickar in en ändrad redovisning.",
    "template_version": "Visar vilken mall det är.",
    "allocated_sek": "{allocation}",
    "stated_total_sek": "Er summa enligt ekonomisystemet. Hämta den där och inte från raden "
    "nedanför.",
    "forecast_sek": "Det ni räknar med att använda av bidraget totalt: det som redan är använt och "
    "det som är kvar.",
    "wanted_sek": "Frivilligt: det ni skulle hinna använda utöver er prognos, om en annan nämnd "
    "får medel över.",
    "unspent_reason": "Behövs om ni inte räknar med att använda hela det tilldelade beloppet.",
    "replaces_existing": "Svara Ja om medlen betalar något som ni redan gjorde. Då prövar "
    "{department} den först.",
    "other_funding": "Svara Ja om samma insatser också får andra bidrag. Då prövar "
    "{department} den först.",
    "contact": "Den som kan svara på frågor. Gärna en funktion, till exempel ekonom.",
    "email": "Gärna en funktionsbrevlåda.",
    "attested_by": "Den som intygar att uppgifterna är riktiga. Behövs i slutredovisningen.",
    "attested_title": "Till exempel ekonomichef. Behövs i slutredovisningen.",
    "attested_on": "Skriv dagen som {period_end}. Behövs i slutredovisningen.",
}
COLUMN_HELP = {
    "activity": "Insatsens namn. Skriv det likadant i flikarna Kostnader och Insatser.",
    "area": "Välj ett område i listan. Bidraget betalar bara de områden som står där.",
    "cost_kind": "Välj ett kostnadsslag i listan. Bidraget betalar bara de kostnadsslag som står "
    "där.",
    "account": "Kontot i bokföringen.",
    "project": "Projektet eller koden där bidraget bokförs för sig.",
    "voucher": "Verifikationens nummer, så att kostnaden går att följa i bokföringen.",
    "worked_on": (
        "Dagen då arbetet utfördes, inte då det bokfördes. För en månads summa: månadens sista "
        "dag. Medlen får användas {spending}. Skriv dagen som {period_end}."
    ),
    "amount_sek": "Kronor med högst två decimaler. En rättelse skrivs med minustecken.",
    "comment": "Det som behövs för att förstå raden. Skriv inga namn eller personnummer.",
    "target_area": "Välj ett målområde i listan.",
    "target_group": "Vilka insatsen vänder sig till, till exempel föräldrar till barn i en viss "
    "ålder.",
    "description": "Vad ni har gjort, i några meningar. Skriv inga namn eller personnummer.",
    "women_count": "Antal kvinnor och flickor som har deltagit sedan bidragets början. Skriv 0 om "
    "det inte är någon.",
    "men_count": "Antal män och pojkar som har deltagit sedan bidragets början. Skriv 0 om det "
    "inte är någon.",
    "unknown_count": "Antal deltagare vars kön ni inte vet. Gissa inte.",
    "role": "Vad tjänsten heter. Skriv inte vem som har den.",
    "full_time_percent": "Hur stor del av en heltid tjänsten är, i procent: 100 är heltid och 50 "
    "är halvtid. Skriv bara talet.",
    "from_on": "Första dagen som bidraget betalar tjänsten. Skriv dagen som {period_end}.",
    "to_on": "Sista dagen som bidraget betalar tjänsten. Lämna tomt om den fortsätter.",
    "stays": "Om tjänsten finns kvar när bidraget är slut. Lämna tomt om ni inte vet.",
    "measure": "Ifylld. Vad måtten betyder står ovanför, under Mått.",
    "year": "Ifylld. Det år som antalet gäller.",
    "split": "Ifylld. Hur antalet delas upp. På raden Alla räknas alla tillsammans.",
    "part": "Ifylld. Okänt är de som ni inte vet var de hör.",
    "count": "Antalet för året. Lämna tomt om ni inte vet. Skriv 0 om det inte är någon.",
    "agree_count": "Bara för skattningar: hur många som instämmer.",
    "answered_count": "Bara för skattningar: hur många som har svarat.",
    "asked_count": "Bara för skattningar: hur många som har fått frågan.",
    "question": "Ifylld. Vad frågan besvaras med står ovanför, under Frågor.",
    "question_year": "Ifylld. Det år som svaret gäller.",
    "answer": "Ja eller Nej, eller ett heltal. Lämna tomt om ni inte vet.",
    "result": "Vad insatsen har lett till. Behövs för varje insats som har kostnader.",
}
UNUSED = "Används inte för det här bidraget. Lämna kolumnen tom."
SECTIONS = {
    "grant": "Bidraget och nämnden",
    "stated_total_sek": "Ekonomi",
    "replaces_existing": "Två frågor",
    "contact": "Kontakt",
    "attested_by": "Intygande",
}
"""The headings of the form, each above the field it names."""
NEEDED = {
    "summa_kostnader": "summa kostnader",
    "prognos": "prognos",
    "ersatter_befintlig": "svar om befintlig verksamhet",
    "annan_finansiering": "svar om annan finansiering",
}
"""The cells that a return needs during the grant, by their defined names, as they are missed."""
NEEDED_FINALLY = {
    "summa_kostnader": "summa kostnader",
    "ersatter_befintlig": "svar om befintlig verksamhet",
    "annan_finansiering": "svar om annan finansiering",
    "intygas_av": "den som intygar",
    "intygas_befattning": "befattning",
    "intygas_den": "dagen för intygandet",
}
"""And those that the last one needs."""
TABLE_INTRO = {
    "Kostnader": "En rad för varje kostnad sedan bidragets början. Rättelser skrivs med "
    "minustecken. Skriv inga personuppgifter.",
    "Insatser": "En rad för varje insats. Skriv vad som gäller sedan bidragets början. Skriv inga "
    "personuppgifter.",
    "Tjänster": "En rad för varje tjänst som bidraget betalar. Skriv aldrig vem som har den.",
    "Mått": "Fyll i de gula fälten. Lämna tomt om ni inte vet. Skriv 0 om det inte är någon.",
    "Frågor": "Svara för er egen nämnd i de gula fälten. Lämna tomt om ni inte vet. Skriv inga "
    "personuppgifter.",
}
STEPS = {
    "Insatser": "Fyll i en rad för varje insats: vad ni har gjort, hur många ni har nått och "
    "vad det har lett till. Flickor räknas som kvinnor och pojkar som män.",
    "Kostnader": "Fyll i en rad för varje kostnad sedan bidragets början, eller klistra in "
    "rader från ekonomisystemet. Välj då Klistra in special och Värden, så finns listor och format "
    "kvar. Tabellen går att sortera och filtrera. Om raderna inte räcker fortsätter ni direkt "
    "under den sista, så växer tabellen.",
    "Rättelser": "Rätta en kostnad som ni redan har redovisat med en ny rad med minusbelopp. "
    "Skriv i Kommentar vad den rättar.",
    "Redovisning": "Fyll i de gula fälten. Hämta summan i ert ekonomisystem, så blir "
    "jämförelsen en kontroll.",
    "Kontroll": "Summan ska stämma på öret, och då blir den grön. En röd cell i tabellerna "
    "behöver rättas. En orange cell är ett datum utanför bidragets tid eller en insats som saknas "
    "i fliken Insatser.",
    "Skicka in": "Spara som Excel-arbetsbok (.xlsx) och {handed_in}. "
    "Byt inte namn på flikar eller rubriker.",
    "Ändra": "Ska något ändras efteråt: öka Version med 1 och skicka in hela arbetsboken igen. "
    "Den högsta versionen gäller.",
}
"""What to do, in order."""
ASKED_STEPS = {
    "Tjänster": "Fyll i en rad för varje tjänst som bidraget betalar. Skriv aldrig vem som har "
    "den. Ändras rollen eller omfattningen skriver ni en sista dag på raden och fortsätter på en "
    "ny.",
    "Mått": "Fyll i de gula fälten, rad för rad. Lämna tomt om ni inte vet. Skriv 0 om det inte "
    "är någon. Vet ni bara hur många det är tillsammans räcker det med raden Alla.",
    "Frågor": "Svara på varje fråga för varje år: välj Ja eller Nej, eller skriv ett heltal. Lämna "
    "tomt om ni inte vet.",
}
"""The steps of the sheets that only some grants ask for."""


def measure_words(measure: Measure) -> str:
    """What a board needs to know to fill in a measure, a paragraph a line."""
    lines = [_what_is_counted(measure)]
    if measure.splits:
        names = swedish.listing(f"”{split.name}”" for split in measure.splits)
        lines.append(
            f"Antalen delas upp efter {names}. {UNKNOWN_PART} är de som ni inte vet var de hör."
        )
    for series_break in measure.breaks:
        on = swedish.long_date(series_break.from_on)
        lines.append(f"Antalen från och med {on} går inte att jämföra med dem före.")
        lines.append(series_break.reason)
    return "\n".join(lines)


def _what_is_counted(measure: Measure) -> str:
    if not measure.is_rating:
        return f"Antal {measure.unit} under året."
    return (
        f"En skattning: ”{measure.question}”. Skriv hur många {measure.unit} som instämmer, hur "
        "många som har svarat och hur många som har fått frågan under året."
    )


def question_words(question: AskedQuestion) -> str:
    """What a board needs to know to answer a question, a paragraph a line."""
    lines = [question.text, f"{answer_words(question)}."]
    for series_break in question.breaks:
        on = swedish.long_date(series_break.from_on)
        lines.append(f"Svaren från och med {on} går inte att jämföra med dem före.")
        lines.append(series_break.reason)
    return "\n".join(lines)


def answer_words(question: AskedQuestion) -> str:
    """With what a question is answered."""
    return f"Antal {question.unit}" if question.is_number else "Ja eller Nej"
