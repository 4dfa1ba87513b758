"""A question set -> a run -> measures -> a report.

`evaluate.evaluate` runs the questions and scores the run; `score.score` scores a kept run again,
without a model; `report` turns the figures into a terminal table or Markdown.
"""
