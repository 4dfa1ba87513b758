"""A question set -> a run -> figures -> a verdict -> a report, a folder each.

    questions/   the rows of a question set, where their evidence stands, and what is wrong with a set
    datasets/    other people's question sets and other text around ours
    runs/        what was answered, as data: a header and a line a question
    figures/     a run -> measures with intervals, and the stage at which each miss happened
    verdict/     two runs -> better, worse, same or cannot tell
    report/      the figures in words: terminal, Markdown, one HTML page

`evaluate.evaluate` asks the questions and scores the run; `score.score` scores a kept run again, without a model.
"""
