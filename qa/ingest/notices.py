"""The notices of web pages, one list of patterns per kind.

A pattern describes a whole sentence, never a word in it: "Subscribe to our newsletter" is a notice, "Donors
subscribe to the theory" is not. Patterns are written for plain words, that is lower case, straight quotes, single
spaces and no punctuation at the ends, so that none of these needs variants.
"""

from __future__ import annotations

import re
from functools import cache

SITES = (r"(facebook|twitter|x|whatsapp|linkedin|telegram|reddit|instagram|youtube|pinterest|tumblr|flipboard|"
         r"e-?mail|print|copy link|messenger|threads|mastodon|bluesky|tiktok|rss|sms|viber|pocket|google news)")
_NEWS_BY_MAIL = (r"(newsletters?|channels?|mailing list|updates|alerts|notifications|briefing|podcast|feed|"
                 r"e-?mails?|inbox|digest|bulletin)")
_GET_COOKIES = (r"(improve|personali[sz]e|enhance|analy[sz]e|ensure|give|provide|offer|deliver|make sure|measure|"
                r"understand|remember|show you|track|serve|support|collect|help us)")

NOTICES: dict[str, tuple[str, ...]] = {
    "script": (
        r"(please |you (need|have) to |you must )?(enable|turn on|activate|allow|switch on) (javascript|cookies)"
        r"( and (javascript|cookies))?( (in|on|for|to|and) .{1,80})?",
        r"(this|our) (site|website|page|app|feature|video) (requires|needs|works best with|relies on) "
        r"javascript.{0,80}",
        r"(javascript|cookies) (is|are|must be|(seems?|appears?) to be)( currently)? (disabled|turned off|blocked|"
        r"required|enabled|not (enabled|available|supported))( (in|by|on) (your|this) (web )?browser.{0,20}"
        r"| to (view|use|continue|load|run|see) .{0,40})?",
        r"your (web )?browser (is (out of date|outdated|not supported|no longer supported)|does(n't| not) support"
        r"|has javascript).{0,80}",
        r"(please )?(disable|turn off|pause|whitelist us in) (your|any) ad ?-?blocker.{0,60}",
        r"(please )?(verify|confirm) (that )?you('re| are) (a )?(human|not a robot)",
        r"checking your browser.{0,60}",
    ),
    "cookies": (
        r"(we|we and our (\w+ ){0,3}partners|(this|our) (web)?site|[\w-]+\.\w{2,6}) (may )?(use|uses|store) "
        rf"(\w+ ){{0,2}}cookies( (and|or) (\w+ ){{0,2}}technologies)?( (to|that) {_GET_COOKIES}\b.{{0,250}}"
        r"| (on|for) (this|our|your|its) .{0,80})?",
        r"by (continuing|using|clicking|browsing|closing|visiting|accessing|scrolling)\b.{0,100}\byou "
        r"(agree|accept|consent|acknowledge)\b.{0,200}",
        r"(accept|reject|decline|allow|manage|customi[sz]e)( all| only)?( essential| necessary| optional)? "
        r"(cookies|all|cookie (settings|preferences)|preferences)",
        r"(our |the )?(cookies?|privacy)( and (cookies?|privacy))? (policy|notice|settings|preferences|choices|"
        r"statement)",
        r"(we (value|respect|care about) )?your privacy( matters| choices| is important)?( to us)?",
        r"you can (change|update|manage|withdraw) your (cookie |privacy )?"
        r"(preferences|settings|consent|choices).{0,80}",
        r"(for more (information|details),? )?(please )?(see|read|visit|view) our (cookie|privacy) .{0,60}",
    ),
    "comment form": (
        r"(leave|post|add|write|submit)( a| your)? (reply|comment)( cancel reply)?( below)?",
        r"(cancel|show|hide|view|read|see|join|load)( all| the| more)*( \d+)? (repl(y|ies)|comments?|conversation)",
        r"please enter (your|an?) (comment|name|(valid )?e-?mail( address)?|message|website)( here)?",
        r"you have entered an incorrect e-?mail address",
        r"your e-?mail address will not be (published|shared).{0,40}", r"required fields are marked.{0,5}",
        r"(name|e-?mail|comment|website)( address)? ?(\*|\(required\))",
        r"save my name,? .{0,60}for the next time i comment",
        r"notify me (of|when|about) .{0,60}(comments?|posts?|repl(y|ies)).{0,40}",
        r"(\d+ comments?|(\d+|no) (comments|replies|responses))( yet)?",
        r"comments (are )?(closed|off|disabled)( (for|on) .{0,40})?",
        r"(you must be|please) (logged|log|sign|signed) in to (post|leave|write|add|read|view).{0,20}comments?",
        r"(log|sign) in to (post|leave|write|add|read|view)( a| your)? (comments?|reply)",
        r"be the first to (comment|reply|leave a comment).{0,40}", r"this site uses akismet.{0,60}",
        r"learn how your comment data is processed",
    ),
    "paywall": (
        r"(are you )?(already|not yet|not) an? (\w+ ){0,2}(subscriber|member)",
        r"already (have|got) an? (\w+ ){0,2}(account|subscription)|already (subscribed|registered)",
        r"(please )?(log|sign) ?in( here| now)?( or (subscribe|register|sign up|create an account))?"
        r"( (to|and) (continue|keep|read|unlock|access|view|get)\b.{0,80})?",
        r"(please )?(log|sign) ?in ?(to|with) (your|an?) (\w+ ){0,3}(account|subscription).{0,60}",
        r"if you (are|'re) in reader mode,? please exit.{0,150}",
        r"(thank you|thanks) for your patience while we (verify|check|confirm) .{0,30}",
        r"we('re| are) having trouble (retrieving|loading|displaying) .{0,40}",
        r"want (all|more) (of|from) .{1,30}",
        r"(please )?subscribe( now| today| here)?( (to|and) (continue|keep|read|unlock|access|get|enjoy)\b.{0,80}"
        r"| for (as little as|just|only|full|unlimited|all)\b.{0,60})?",
        r"this (article|story|content|page|post|report) is (only |exclusively |reserved )?(available )?"
        r"(only |exclusively )?(to|for) (our |paying |registered |premium |digital ){0,2}(subscribers|members|readers)"
        r"( only)?",
        r"(to )?(continue|keep) reading( this (article|story))?(,? (please )?(subscribe|sign|log|register|create|start|"
        r"become)\b.{0,80})?",
        r"to (read|view|access|unlock) (the|this) (full|rest of the|whole|complete|entire) (article|story|content),? "
        r"(please )?(subscribe|sign|log|register|become|buy)\b.{0,80}",
        r"you('ve| have) (reached|used|hit|read|exceeded) (all |your|the|\d+).{0,60}"
        r"\b(articles?|stories|limit)\b.{0,30}",
        r"you have \w+ (free )?(articles|article|stories|story) (left|remaining).{0,30}",
        r"(start|get|begin|claim) (your|a) (free )?(\d+[- ](day|week|month) )?(free )?(trial|subscription)\b.{0,60}",
        r"(get|enjoy) (unlimited|full) (digital |online )?access\b.{0,80}",
        r"unlock (this|the full|the rest of (the|this)) (article|story).{0,40}",
        r"(create|register for|sign up for) (a|your) (free )?account.{0,60}",
        r"become an? (\w+ )?(subscriber|member)( today| now| to (read|continue|unlock|access)\b.{0,60})?",
        r"cancel any ?time", r"(premium|subscriber[- ]only|members[- ]only) (content|article|story)",
    ),
    "advertisement": (
        r"advertisements?|sponsored( content| post)?|promoted( content)?|paid (content|post)",
        r"advertisement ?[-\u2013\u2014|:]? ?(continue reading|scroll).{0,40}",
        r"(article|story|content|post) continues (below|after)( (this|the|our) (ad|advertisement|video|"
        r"newsletter))?.{0,30}",
        r"(continue reading|scroll down)( below| after)?( (the|this) (ad|advertisement|main story))?( to continue)?",
        r"(skip|close|report this) (ad|ads|advertisement)",
    ),
    "navigation": (
        r"skip to (the )?(main )?(content|navigation|search|footer|menu)",
        r"(back|return|go|scroll|jump) to (the )?(top|home ?page|main page|home|site index)( of (the )?page)?",
        r"((main|site|open|close|toggle|show|hide|primary) )*(menu|navigation)|search|home|homepage|you are here",
        r"(click|tap) here( (to|for) .{1,60})?|(learn|find out|show|load|view|see|read) more( here)?",
        r"loading|please wait|toggle (the )?(caption|sidebar)|(hide|show|enlarge) (caption|image)",
        r"view (image|gallery|slideshow|photos?)( in full ?screen)?|(image|slide|photo) \d+ of \d+",
        r"(page )?\d+ (of|/) \d+|page \d+|(next|previous|prev|first|last) page",
        r"(terms( of (use|service)|( and|&) conditions)?|privacy policy|contact us|about us|site ?map|"
        r"advertise with us)",
    ),
    "share and subscribe": (
        rf"(share|tweet|e-?mail|copy|print|pin|like)([ ,:]+(this|it|the|our|on|via|to|with|by|and|or|article|"
        rf"story|post|page|link|url|now|your|friends|{SITES}))+|(link )?copied|share|tweet",
        rf"({SITES}[ ,|/&\u00b7\u2022]+)+{SITES}",
        rf"follow .{{1,40}} on ((our|its|their) )?{SITES}\b.{{0,60}}|(like|find|join|watch) us on .{{1,60}}",
        rf"join (us|our .{{1,30}}\b{_NEWS_BY_MAIL})\b.{{0,40}}",
        r"(please |don't forget to )?(subscribe|sign up|join|register)( now| here| today| free)? "
        rf"(to|for) (?=.*\b{_NEWS_BY_MAIL}\b)(our|the|my|your|free|daily|weekly|breaking|this|\w+'s|"
        rf"[\w ]{{1,30}})\b.{{0,120}}",
        r"(get|receive) .{1,80} (in|to) your (inbox|phone|e-?mail)\b.{0,40}",
        r"(never|don't|do not) miss (a|an|another|any|the latest) ?(story|update|post|article|news)?\b.{0,30}",
        r"(download|get|install) (the|our) (\w+ ){0,3}app( (now|today|here|for|on|from|to)\b.{0,60})?",
        r"(please )?support (our|independent|quality|public[- ]interest) (\w+ )?(journalism|reporting|work)\b.{0,80}",
        r"(donate|contribute) (now|today|here)", r"(enter|type) your e-?mail( address)?.{0,60}",
        r"[\d.,]+[km]? (shares?|likes?|views?|retweets?)",
        r"(reading time:? )?\d+[- ]min(ute)?s?([- ](read|listen))?|listen( now| to this (article|story))( \d+ min\w*)?",
        r"sign up|(e-?mail )?newsletters?( sign ?up)?",
    ),
}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in NOTICES[kind]))


def sentence_kind(plain: str) -> str | None:
    """The kind of notice that a sentence in plain words is, or None."""
    return next((kind for kind in NOTICES if _pattern(kind).fullmatch(plain)), None)
