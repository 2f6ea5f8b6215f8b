"""The health of a customer: a score of 0 to 100 that can be rebuilt and says why it is what it is.

Definitions. A score is 100 less the points of the evidence there is, at the last full hour of the clock, and lies
between 0 and 100. Evidence is a state (an open case, one open for long, an escalated one, a silent device, an active
fault), which counts in full while it lasts, or an event (a case reopened, a survey answered), which fades in steps of
a day, in equal parts, and is gone after `health_fade_days`. Points of good news are negative: they give back what other
evidence takes. No kind of evidence takes, or gives back, more than `health_most_points`, so that it takes two to put
a customer at risk. Bands: red below `health_red_below`, yellow below `health_yellow_below`, else green; at risk is red.
A customer of whom no case, no answered survey and no device in service is known has no score. An input is stale when
it has nothing newer than `health_stale_days`: so long ago the last survey was answered, or the last device fell silent.

Where the sources leave it open: what began after the full hour counts from the next one, what ended counts no longer,
at once; a case counts as open, escalated and open for long by its creation; days are counted from the first full hour
at or after an event; what an input has to say of a quiet customer is nothing, so cases are never stale; of the reasons
of a customer at risk those count that take at least `health_reason_share` per cent of all points taken, and the ones
that take most; the tier is the one that the latest created case states, of several created in a minute the one that
stands last in the settings; a score is rounded down, so that it is below 50 when what is left is.

evidence: what rows say. score: what evidence makes. ledger: the scores of all accounts, each made anew only when it
can have changed.
"""
