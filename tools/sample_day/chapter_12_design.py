"""A discussion: how long to keep readings, and in which detail."""


def play(day) -> None:
    day.at(16, 40)
    day.user("""
A question to think about, no code yet. We will get 40 stations next year and some of them measure every minute. Keeping all of it for ever is
silly, but the oceanographers at the institute want long series, the harbour masters want the last storm in full detail, and the lawyers want to know
what we knew when an alarm was or was not raised. How would you store it? Please give me two or three designs that differ in kind, not in detail.""")
    day.python("""
def megabytes(stations, per_hour, hours, bytes_each):
    return stations * per_hour * hours * bytes_each / 1e6

YEAR = 8766
rows = [
    ("10 min, 3 stations (today)", 3, 6, 48),
    ("10 min, 40 stations", 40, 6, 48),
    ("1 min, 40 stations", 40, 60, 48),
    ("1 min, delta coded in blocks", 40, 60, 1.6),
    ("hourly min/mean/max", 40, 1, 64),
    ("daily summary", 40, 1 / 24, 120),
]
print(f"{'what is kept':<32} {'MB a year':>10} {'MB in ten years':>16}")
for name, stations, per_hour, each in rows:
    print(f"{name:<32} {megabytes(stations, per_hour, YEAR, each):>10.1f} {megabytes(stations, per_hour, 10 * YEAR, each):>16.1f}")
""", "First the sizes, because they decide how much cleverness is worth it. 48 bytes is what a row with its index takes in our store at present.")
    day.say("""
Two observations before the designs. First, even the worst case is about a gigabyte a year. That is *not much*: a plain disk holds decades of it. So space alone is no reason to be clever; what grows out of hand is the time of queries and backups, and the number of rows that somebody has to understand. Second, your three groups want three different things, and only one of them is about age:

- oceanographers: **long and even** (no gaps, same method for decades, but an hour's resolution is enough);
- harbour masters: **recent or remarkable** in full detail;
- lawyers: **what was known at the time**, which is not the same as what we know now. If a value is corrected later, both must be there.

### Design A: keep everything, summarise on the side

One append-only table of readings, never updated, never deleted. A correction is a new row with a later `known_since`. Beside it tables of hourly and daily summaries, which can always be computed again from the readings.

```sql
CREATE TABLE reading (
  station TEXT, time INTEGER, known_since INTEGER, level REAL, quality TEXT,
  PRIMARY KEY (station, time, known_since)) WITHOUT ROWID;
CREATE TABLE hour (station TEXT, hour INTEGER, low REAL, mean REAL, high REAL, n INTEGER, PRIMARY KEY (station, hour)) WITHOUT ROWID;
```

*For:* simplest to reason about; the lawyers' question is one `WHERE known_since <= ?`; nothing is ever lost by a bug in a summary. *Against:* about ten gigabytes after ten years, in one file that must be backed up as a whole.

### Design B: fade with age

Readings in full for 90 days; then ten-minute means for two years; then hourly low, mean and high for ever. Storms are *pinned*: an interval with an alarm, or marked by a person, keeps its full detail.

*For:* the store stays near a constant size, and old queries are as quick as new ones. *Against:* the step down cannot be undone, so it has to be right the first time; "even" series need care at the seams (a mean of ten minutes is not a median of samples); and the lawyers will ask about something that nobody thought to pin. If you take this one, I'd write every step down into a log with its reason.

### Design C: files by month, database as an index

Each station and month is one immutable file (columns, delta coded, compressed, with a checksum); SQLite holds only the index, the summaries and the last 60 days. Corrections are small extra files that name what they replace.

*For:* backups are trivial (a finished file never changes), the institute can simply take the files, one bad file does not endanger the others, about thirty times smaller than rows. *Against:* two ways to read the same data; more code (writing, reading, checking, migrating the format), and that code has to live as long as the data.

### What I'd do

**A now, with C's file format as the export.** A is fine for at least five years at your growth, it answers all three groups without exceptions, and nothing in it rules out the others: B is a job that deletes from A, C is a job that moves old months from A to files. The decision that *cannot* be made later is `known_since`. If readings are overwritten today, what we knew yesterday is gone for good. So I would add that column next week, whatever is decided about the rest.

What I am unsure about: whether SQLite is still the right thing with 40 stations that all write every minute. By numbers it is (40 rows a minute is nothing), but if several programs on several machines have to write, a server database is the usual answer.""")
    day.user("""
I like the point with known_since. But what about the boxes' clocks? We had a box that was wrong by 40 minutes for a week. With an append-only table, is that a
correction of 1,008 rows, then? And what does "even" mean for a series in which a week is shifted?""")
    day.say("""
Yes: a clock that was wrong makes the *time* wrong, and the time is part of the key. So the correction has two halves: a row for each old time that says "there is no reading here" (`quality = 'void'`), and a row for each right time with the level. For a week at ten-minute intervals that is 1,008 + 1,008 rows, all with the same `known_since`. It sounds wasteful and it is 97 kB.

I would give such a batch a name, because people will ask about the batch and not about the rows:

```sql
CREATE TABLE correction (
  id INTEGER PRIMARY KEY, made_at INTEGER, made_by TEXT, station TEXT,
  first INTEGER, last INTEGER, reason TEXT NOT NULL);   -- "box clock 40 min slow, see e-mail of 3 March"
ALTER TABLE reading ADD COLUMN correction INTEGER REFERENCES correction(id);
```

Then `known_since` is the time of the correction, and the report can print a footnote: "values of 24 February to 3 March were shifted by 40 minutes on 5 March, box clock".

To "even": shifting by 40 minutes does no harm to the levels themselves, but the samples no longer fall on :00, :10, :20 … if the error is not a multiple of ten minutes. Suppose the clock was slow by 37 minutes. There are two honest ways:

1. keep the true times (…:07, :17, :27) and let whoever needs an even grid interpolate, knowing that they do;
2. interpolate ourselves, and mark the values as `derived`.

I'd do the first in the store and the second in the export for the institute. Their harmonic fit does not need an even grid at all, by the way: least squares takes the times as they are. Ours from this afternoon does so too.

Finally, how to *notice* a wrong clock without an e-mail: the phase of M2. Forty minutes are 19 degrees of its phase, and with two weeks of data we know the phase to about a tenth of a degree. A job that fits the last 14 days every night and compares phases with those of the month before would have found your box on the first or second day:""")
    day.python("""
import math, random
rng = random.Random(5)
M2 = 12.4206
def phase_of(samples):
    c = sum(v * math.cos(2 * math.pi * t / M2) for t, v in samples); s = sum(v * math.sin(2 * math.pi * t / M2) for t, v in samples)
    return math.degrees(math.atan2(s, c))

def level(t):
    return 1.25 * math.cos(2 * math.pi * t / M2 - 0.8) + rng.gauss(0, 0.012)

reference = phase_of([(k / 6, level(k / 6)) for k in range(int(28 * M2 * 6))])
print(f"reference phase {reference:.2f} deg; a minute is {360 / M2 / 60:.3f} deg")
for days_wrong in range(0, 8):
    window = []
    for k in range(int(27 * M2 * 6)):          # about 14 days
        t = k / 6
        wrong = t > 27 * M2 - 24 * days_wrong
        window.append((t, level(t + (40 / 60 if wrong else 0))))
    difference = (phase_of(window) - reference + 180) % 360 - 180
    print(f"clock wrong for {days_wrong} days: phase of the last 14 days differs by {difference:+6.2f} deg = {difference / (360 / M2 / 60):+6.1f} min {'  <- over 2 min' if abs(difference) > 360 / M2 / 60 * 2 else ''}")
""")
    day.user("That is neat. Write the whole thing down as a proposal, one page at most, so that I can bring it to the meeting on Friday.")
    day.write_file("docs/proposal-history.md", '''
# Proposal: how we keep readings

*For the meeting on Friday, 16 May 2025. One page.*

**The question.** Next year there are 40 stations, some with a reading each minute. Three groups need the history: the institute (long, even series), harbour masters (recent and remarkable days in full), our lawyers (what was known when an alarm was raised or not).

**The proposal.** We keep every reading and never overwrite one. A correction is a new row that says since when it is known, and belongs to a named batch with a reason. Summaries by hour and day are computed on the side and can be thrown away and made again. Finished months are exported as files with a checksum.

**What it costs.** About 1.0 GB a year at 40 stations and one reading a minute; 0.1 GB at one in ten minutes. Two weeks of work: one for the schema and the move of the present data, one for the export and the nightly check.

**What we get for it.**

1. "What did we know on 31 March at 04:00?" is one question to the database.
2. A wrong clock is repaired without losing what was recorded under the wrong time.
3. A nightly fit of the last 14 days shows a wrong clock (40 minutes) after a day, where an e-mail took a week.
4. Everything else stays possible: thinning out old data, or moving old months to files, are jobs that can be added later.

**What we do not get.** Less data. If space ever becomes a problem, the month files are about thirty times smaller than rows, and we can then decide with figures.

**What cannot wait.** The column `known_since`. As long as readings are overwritten, each correction destroys what we knew before it. I ask for a decision on this point alone, even if all others are postponed.

**Open questions.** Who may make corrections? Do we publish the batches with their reasons? Is one machine with SQLite enough if importers run on several machines?
''')
    day.bash("wc -w docs/proposal-history.md && git add -A && git commit -qm 'docs: proposal on keeping readings' && git log --oneline -1")
