"""Words around and inside a name that say whether it is a person's: hand-made lists."""

from __future__ import annotations


def word_set(listed: str) -> frozenset[str]:
    """Return the words of a list written with spaces between them."""
    return frozenset(listed.split())


# A name follows; the title itself stays in the text.
TITLES = word_set(
    "mevr mw mvr mevrouw mevrouwtje madame mme juffrouw juf dhr hr heer meneer mijnheer menheer"
    " monsieur dr drs ir ing mr mrs ms miss prof professor dokter notaris meester ds dominee"
    " pastoor pater zuster broeder zr kapelaan diaken deken bisschop kardinaal mgr monseigneur"
    " koning koningin prins prinses baron graaf ridder sir lord lady lt imam rabbijn rector"
    " familie fam wijlen echtpaar gezin don"
)
# After these a surname is sure; "dokter", "zuster" … also stand alone before a verb.
SURE_TITLES = word_set("mevr mw mvr mevrouw dhr meneer mijnheer menheer heer juffrouw")
# A role; a name often follows ("schepen Ilse …", "onze medewerkster Els").
ROLES = word_set(
    "burgemeester schepen gemeenteraadslid raadslid ocmw-voorzitter voorzitter voorzitster"
    " ondervoorzitter directeur directrice algemeen secretaris secretaresse minister"
    " staatssecretaris premier president kanselier ambassadeur gouverneur gedeputeerde senator"
    " kamerlid collega medewerker medewerkster stafmedewerker coördinator coordinator"
    " projectcoördinator diensthoofd afdelingshoofd clusterhoofd teamlid teamleider teamcoach"
    " verantwoordelijke centrumleider centrumleidster vrijwilliger vrijwilligster buurtwerker"
    " opbouwwerker jeugdwerker straathoekwerker maatschappelijk-werker werker werkster assistent"
    " assistente stagiair stagiaire consulent consulente ambtenaar begeleider begeleidster"
    " verpleger verpleegster verpleegkundige psycholoog psychologe huisarts arts therapeut kinesist"
    " advocaat rechter procureur inspecteur commissaris wijkagent agent onderzoeker onderzoekster"
    " auteur schrijver schrijfster dichter journalist journaliste redacteur regisseur acteur"
    " actrice zanger zangeres componist schilder fotograaf kunstenaar architect filosoof"
    " trainer coach bondscoach keeper doelman spits verdediger middenvelder aanvaller renner"
    " wielrenner ploegleider ploegmaat kopman sprinter speler speelster tennisser tennisster"
    " voetballer atleet atlete zwemmer zwemster kampioen kampioene wereldkampioen scheidsrechter"
    " kapitein manager woordvoerder woordvoerster topman baas eigenaar oprichter stichter leider"
    " partijvoorzitter fractieleider lijsttrekker zoon dochter broer zus vader moeder echtgenoot"
    " echtgenote vrouw man vriend vriendin buurman buurvrouw neef nicht oom tante nonkel opa oma"
    " papa mama weduwe weduwnaar inwoner inwoonster bewoner bewoonster cliënt cliënte contact"
    " contactpersoon aanspreekpunt aanspreekpersoon trekker ex-minister oud-minister"
)
ROLE_ENDS = (
    *("voorzitter", "leider", "leidster", "werker", "werkster", "voerder", "voerster", "minister"),
    *("directeur", "redacteur", "manager", "speler", "speelster", "kampioen", "kampioene", "coach"),
    *("deskundige", "expert", "politicus", "politica", "kenner", "meester", "winnaar", "filmster"),
    *("-man", "-baas", "-chef", "-lid", "-topman", "-oprichter", "-ster", "wereldster", "zanger"),
    *("schepen", "secretaris", "coördinator", "coordinator", "consulent", "begeleider", "agent"),
    *("schilder", "schrijver", "maker", "rijder", "renner", "drijver", "houder", "genoot", "hoofd"),
    *("verantwoordelijke", "vertegenwoordiger", "onderzoeker", "adviseur", "specialist", "jurist"),
    *("medewerkster", "vrijwilliger", "vrijwilligster", "verpleegkundige", "collega", "rechter"),
)
# Small words inside a surname.
PARTICLES = word_set(
    "van von vanden vander de der den het 't ten ter te d' da di del della dos du des le la el al"
    " bin ibn ould op af aan abu abou san"
)
CAPITAL_PARTICLES = word_set(
    "van von vanden vander de der den ten ter d' da di del du le la el al ben bin op abou"
)
LOCATIVE = word_set("in te naar uit nabij rond rondom vanuit tot langs richting")
DETERMINERS = word_set("de het een deze dit die dat onze ons elke ieder geen 't")
SAYING = word_set(
    "zegt zei zeggen vindt vond aldus volgens meent denkt dacht verklaart verklaarde vertelt"
    " vertelde weet wist heeft had is was werkt werkte woont woonde doet deed gaat ging komt kwam"
    " won wint verloor speelt speelde scoorde krijgt kreeg wil wilde kan kon zal zou belt belde"
    " en of volgt volgde trekt helpt hielp"
)
# Inside a run of capitals these make an organisation, a work or a thing of it.
ORGANISATION = word_set(
    "vzw nv bv bvba cv ngo asbl stichting fonds universiteit hogeschool school college instituut"
    " academie partij unie bond federatie verbond vereniging club fc ac sc kv rsc kaa sk racing"
    " sporting standard real inter united city park plein straat laan weg steenweg kaai markt huis"
    " centrum ziekenhuis kliniek museum theater festival bank group groep company records"
    " university press church street road prijs cup tour ronde grand prix open beker kamer raad"
    " commissie parlement regering ministerie dienst bureau agentschap comité beweging front"
    " liga league leger orde verdrag wet plan project kerk kapel kasteel klooster abdij station"
    " eiland zee meer berg dal kanaal noord zuid oost west nieuwe oude grote kleine hoge"
    " heilige heilig onze-lieve-vrouw sint st saint santa san wijk buurt ldc wzc ocmw caw elz"
    " vdab elia nmbs dienstencentrum buurthuis woonzorgcentrum rusthuis"
    " wijkcentrum basisschool inloophuis werking organisatie groep film boek krant radio tv"
    " televisie the of and for"
)
# Capitalised, but never part of a person's name.
NEVER = word_set(
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april juni"
    " juli augustus september oktober november december kerstmis nieuwjaar pasen corona covid"
    " vlaams vlaamse belgisch belgische brussels brusselse nederlands nederlandse europees"
    " europese franse duits duitse engels engelse ik wij we jij u zij hij het er een geen"
    " wie wat waar wanneer hoe als maar ook nog dat dit die deze daar hier toen dan zo niet wel"
    " meer minder veel weinig alle alles iedereen niemand met zonder voor na door bij over tegen"
    " sinds tijdens volgens wegens naast om omdat indien hoewel terwijl en of want dus en/of"
    " mijn zijn haar hun onze ons jullie groeten groetjes mvg vriendelijke bedankt dank beste"
    " geachte hallo goed goede betere is was heeft zie kan moet contact tel telefoon gsm mail"
    " e-mail verantwoordelijke rijksregisternummer"
)
ORGANISATION_ENDS = (
    *("stichting", "fonds", "plein", "straat", "laan", "steenweg", "huis", "centrum", "park"),
    *("school", "college", "vereniging", "werking", "liga", "bond", "kerk", "gemeente", "raad"),
    *("wijk", "instituut", "dienst", "organisatie", "maatschappij", "bedrijf", "groep", "regio"),
    *("kring", "club", "kaai", "dreef", "markt", "poort", "lei", "stad", "zorg", "welzijn", "hof"),
)
# Sayings that begin as a name does.
IDIOMS = frozenset(("an sich", "jan met", "jan modaal", "jan publiek", "jan alleman", "jan rap"))
# What stands before the name of a thing ("de krant …", "softwareprogramma …"), also as the end of
# a compound.
THINGS = (
    *("bedrijf", "firma", "onderneming", "keten", "krant", "blad", "tijdschrift", "programma"),
    *("software", "systeem", "site", "website", "app", "platform", "merk", "product", "band"),
    *("ploeg", "team", "club", "staat", "stad", "dorp", "gemeente", "provincie", "land", "streek"),
    *("eiland", "rivier", "hotel", "restaurant", "café", "circus", "festival", "zaal", "bank"),
    *("verzekeraar", "winkel", "fabriek", "uitgeverij", "zender", "omroep", "roman", "album"),
    *("huis", "bevak", "provider", "operator", "gemeenten", "wijk", "buurt", "regio", "stadion"),
)
# What is named after a person: "de Julie Renson stichting".
NAMED_AFTER = word_set(
    "stichting fonds school huis centrum instituut prijs zaal park kliniek ziekenhuis universiteit"
    " straat plein laan academie museum genootschap kring club beker cup"
)
