"""Each kind of notice goes, in the words of publishers other than the five; prose with the same words stays."""

import pytest

from qa.ingest.clean import clean
from qa.ingest.kinds import breadcrumb, kept, notice, related_heading, section_label

GOES = {
    "paywall": [
        "Already a member? Sign in.", "Not a subscriber? Subscribe now to continue reading.",
        "This article is only available to subscribers.", "This story is for members only.",
        "You have 2 free articles left this month.", "You’ve reached your monthly limit of free articles.",
        "Start your free trial today", "Log in or register to read the full story",
        "To continue reading, subscribe now.",
        "Get unlimited access to all our journalism for £1 a week", "Already have an account? Log in here",
        "Sign in with your Guardian account to carry on", "Cancel anytime.", "Premium content",
        "Thanks for your patience while we check your subscription.", "Create a free account to unlock this article",
    ],
    "script": [
        "Please turn on JavaScript to view this page.", "JavaScript is disabled in your browser.",
        "This site requires JavaScript to work properly.", "You need to enable JavaScript to run this app.",
        "Your browser does not support the video tag.", "Please disable your ad blocker to continue.",
        "Cookies must be enabled in your browser",
    ],
    "cookies": [
        "We use cookies to improve your experience on our site.", "This website uses cookies.",
        "By continuing to browse this site you agree to our use of cookies.", "Accept all cookies",
        "Manage preferences",
        "We and our partners use cookies and similar technologies to personalise content and ads.", "Cookie Policy",
        "For more information, see our Privacy Policy.", "Your privacy matters to us",
    ],
    "comment form": [
        "Leave a Comment", "Post a comment", "LEAVE A REPLY Cancel reply", "Be the first to comment", "12 Comments",
        "Your email address will not be published. Required fields are marked *", "Comments are closed.", "Email *",
        "Save my name, email, and website in this browser for the next time I comment.",
        "You must be logged in to post a comment.", "Notify me of follow-up comments by email.", "View all 34 comments",
    ],
    "advertisement": ["ADVERTISEMENT", "Article continues below", "Story continues below this ad", "Sponsored content",
                      "Advertisement - Continue reading below", "Skip ad"],
    "navigation": ["Skip to main content", "Back to top ↑", "Main menu", "Read more »", "Click here to see the gallery",
                   "Toggle navigation", "Page 2 of 7", "Terms of use", "View gallery", "Home", "Learn more"],
    "share and subscribe": [
        "Share this article", "Share on Facebook", "Facebook Twitter WhatsApp Email", "Follow us on Twitter",
        "Follow @thesample on Instagram and YouTube", "Sign up for our daily newsletter",
        "Subscribe to the Morning Brief newsletter", "Subscribe to our YouTube channel", "Get the news in your inbox",
        "Join our WhatsApp channel for updates", "Download our app for the latest news", "5 min read", "1.2K shares",
        "Share via: Facebook, X, Email", "Copy link", "Support independent journalism.", "Never miss a story",
    ],
    "previous and next": [
        "Previous articleFloods displace thousands", "Next post: Budget passes", "← Previous", "Next →",
        "« Older posts",
        "Previous Story Next Story", "NEXT ARTICLE", "Next article", "Previous Post Why Rivers Rise",
    ],
    "related links": [
        "Read more: Minister resigns after audit", "ALSO READ | Rains to continue", "Related: What the vote means",
        "Read the full story here", "Read more at Reuters", "See also: Floods in the delta",
    ],
}
STAYS = [
    "He refused to log in to the ministry’s system.", "Economists subscribe to the theory that prices follow wages.",
    "Share prices fell by three percent on Monday.", "Previous governments had tried and failed.",
    "Cookies are baked in every village for the feast.", "The next story in this sorry tale is about money.",
    "Home is where the refugees want to be.", "Follow the money, investigators were told.",
    "She left a comment on the ambassador’s reply.",
    "JavaScript is disabled by default on many old phones, engineers said.",
    "We use cookies to bribe the children, said the nurse.", "Members only learned of the vote on Friday.",
    "Enable the army to act, he urged, and the border will hold.", "“Subscribe,” he told the crowd.",
    "Comment is free, but facts are sacred.", "Print is dying; the web is not.",
    "Related parties had lent it the money.",
    "Search teams found eleven bodies.", "Read the treaty, he said: more is in it than you think.", "No comment.",
    "The previous article of the constitution was repealed.", "Next post on the border is Taftan.",
    "The advertisement offered 500 rupees a day.", "Get out of the way of progress, she said.", "10 Downing Street",
    "Sign up for the army, the posters said.", "Previous articles of faith had been abandoned by then.",
    "You have reached the end of the road, Mr. Khan.", "Page one carried the news of the strike.",
    "Join the queue for bread and you will hear the same.", "Download speeds have doubled since 2020.",
    "Support for the strikes is strong.", "Previous post-war talks took place in Geneva.", "", "…",
]


@pytest.mark.parametrize("kind,line", [(kind, line) for kind, lines in GOES.items() for line in lines])
def test_a_notice_is_known_by_its_kind(kind, line):
    assert notice(line) == kind


@pytest.mark.parametrize("line", STAYS)
def test_prose_that_mentions_such_words_stays(line):
    assert notice(line) is None
    assert not related_heading(line)


def test_a_notice_with_one_sentence_of_prose_stays():
    assert notice("Leave a reply. The minister did not answer.") is None


@pytest.mark.parametrize("line", ["Read more at Dawn:", "Related stories", "You may also like", "More from Asia",
                                  "Most read", "Also read", "RELATED ARTICLES", "Editors’ picks", "See also:"])
def test_headings_of_lists_of_other_articles(line):
    assert related_heading(line)


@pytest.mark.parametrize("line", ["The Near Future", "More trouble ahead", "Read this carefully", "Most people agree",
                                  "Popular anger", "Related work", "The latest attack", "More questions than answers"])
def test_section_headings_are_not_lists_of_other_articles(line):
    assert not related_heading(line)


@pytest.mark.parametrize("line", ["News", "WORLD", "World | Asia", "Opinion & Analysis", "Middle East",
                                  "U.S. Politics"])
def test_section_labels(line):
    assert section_label(line)


@pytest.mark.parametrize("line", ["A Long Road", "News of the war reached Quetta", "Asia Bibi", "Jane Doe", ""])
def test_other_short_lines_are_no_section_labels(line):
    assert not section_label(line)


def test_breadcrumbs():
    assert breadcrumb("Home > World > Asia", "A title")
    assert breadcrumb("Home Analysis Why Rivers Rise", "Why Rivers Rise")
    assert breadcrumb("News World Why Rivers Rise", "Why Rivers Rise")
    assert not breadcrumb("Home Is Where the Heart Is", "A title")
    assert not breadcrumb("And This Is Why Rivers Rise", "Why Rivers Rise")
    assert not breadcrumb("Why Rivers Rise", "Why Rivers Rise")


@pytest.mark.parametrize("line", [
    "Jane Doe is a professor of law at the University of Leeds", "Disclaimer: The views are the author's own",
    "This article was first published in The Sample on May 2, 2023.", "Acknowledgement: posted by A. Roe",
    "By Jane Doe",
    "Husain Haqqani, a former ambassador, is a scholar", "Editor’s note: this story was corrected"])
def test_lines_about_the_article_stay(line):
    assert kept(line)
    cleaned = clean(f"A Headline\n\nProse of some length follows here, and more of it.\n\nRelated "
                    f"stories:\n\nOne\n\n{line}")
    assert line in cleaned.text
    assert [r.text for r in cleaned.removed] == ["Related stories:", "One"]
