import { jargon } from './jargon.js';

/**
 * Words that mean much the same where developers talk about tools. A line is one meaning: any word or phrase in it
 * stands for the others. Left of `>` stands how people say it, right of it how tools are named: it holds only that way.
 * Written for the domains of public MCP servers. Vectors know more words (`meaning.ts`) but hold opposites (create,
 * delete) to be close: when the vectors came, a search without these lists found 8 of 100 tools less, with only the one or
 * the other 1 to 7 less.
 */
const lines = `
delete, remove, erase, destroy, purge, drop, discard, wipe, trash, clear, unlink
get rid, throw away, clean up, kill off, no longer need > delete, remove, clear, cleanup
create, add, new, make, insert, generate, build, set up, start, open
register, sign up, enroll > create, add, register
provision, spin up, stand up, bring up > create, provision, deploy, start
update, edit, modify, change, amend, alter, patch, revise, adjust, tweak
rename, retitle > rename, move, update, name
set, configure, assign, specify, put
list, enumerate, index, catalog, all, browse, overview
get, fetch, retrieve, read, obtain, load, view, inspect, look, see, check, describe, details, info
show, display, print, present > get, list, show, view
search, find, query, lookup, locate, seek, filter, look up, look for, hunt, discover
copy, duplicate, clone, replicate, fork
move, relocate, transfer, migrate, reparent
merge, combine, join, union, unify, consolidate
split, divide, separate
compare, diff, difference, changes, contrast, delta
send, post, submit, deliver, dispatch
reply, respond, answer > reply, comment, message, respond
publish, release, ship, launch, make public
deploy, ship, roll out, go live, push to production, release, publish
rollback, revert, undo, restore, roll back, go back, reset
redo, repeat, again, retry, rerun, re-run
run, execute, invoke, trigger, launch, start, perform
stop, terminate, kill, halt, cancel, abort, shut down, end, quit, close
restart, reboot, bounce, relaunch, recreate
pause, suspend, freeze, snooze
resume, continue, unpause
enable, activate, turn on, switch on, start
disable, deactivate, turn off, switch off, mute
toggle, switch, flip
approve, accept, confirm, allow, ok, sign off
decline, reject, deny, refuse, say no, turn down, close, unapprove
grant, give access, permit, authorize, allow, share, permission
revoke, withdraw, take away access, remove access
access, permission, permissions, rights, role, acl, policy, collaborator, member, sharing
invite, bring in, onboard > invite, add, member, user, invitation
share, collaborate > share, permission, collaborator, member, invite
upload, attach, import, ingest, put file
download, export, save, pull down, dump
import, ingest, load, bring in
sync, synchronize, mirror, refresh
install, set up, add
uninstall, remove
validate, verify, check, lint, test, ensure, correct
lint, code style, style check, quality, static analysis, code smell
format, style, prettify, beautify, layout
analyze, analyse, examine, inspect, evaluate, assess, audit, review, investigate, diagnose
explain, describe, documentation, docs, help, guide, manual, reference, how to
summarize, summary, digest, overview, recap, report
count, number, total, how many, aggregate, sum
compute, calculate, evaluate, work out
convert, transform, translate, turn into, change into
compress, gzip, zip, archive, shrink
extract, parse, pull out, scrape, get out
monitor, watch, observe, track, follow, alert
wait, poll, until done
schedule, plan, cron, recurring, timer
remind, reminder, alert, notify > reminder, notification
notify, alert, notification, ping, webhook, subscribe
subscribe, watch, follow, listen
archive, shelve, put away, close
star, favorite, bookmark, like, pin
tag, label, mark, categorize, annotate
link, connect, associate, attach, relate, reference
unlink, disconnect, detach, disassociate, dissociate
lock, protect, freeze, secure
unlock, unprotect, unfreeze
encrypt, secret, key, credential, password, token, certificate
login, log in, sign in, authenticate, authentication, auth, session, whoami
log out, sign out > logout, session
who am i, my account, my profile, current user, logged in > whoami, user, me, profile, account, current
user, person, people, member, account, profile, colleague, teammate, contact, somebody, someone, coworker
team, group, organization, organisation, org, workspace, company
customer, client, buyer, subscriber
employee, staff, worker, personnel
project, workspace, repository, app
ticket, issue, bug, defect, work item, task, story, card, problem
task, todo, to do, to-do, action item, chore, assignment
finish, complete, done, mark done, close, resolve, check off
assign, delegate, allocate, owner, assignee
prioritize, priority, urgent, important
milestone, sprint, iteration, cycle, deadline, epic, objective, goal
due, deadline, overdue, late
comment, note, remark, reply, story, feedback, discussion, thread, message
review, code review, feedback, pull request
pull request, merge request, pr, mr, code change, change proposal, patch, proposed change
reviewer, approver
commit, check in, save changes, revision
commits, history, log, who changed, blame, previous versions
stage, prepare for commit > add, stage
branch, feature branch, line of development
checkout, switch, change branch, other branch
repository, repo, project, codebase, source code
release, version, tag, changelog
pipeline, ci, build, workflow, job, continuous integration, action, actions
build failed, went red, broke, broken build, failing, failure, fail, red > failure, failed, failures, error, log, build, job, test
logs, log, output, console, trace, stdout, print out
error, errors, exception, crash, failure, fault, problem, issue, bug
debug, troubleshoot, diagnose, figure out why, root cause, why > debug, logs, failure, errors, diagnose, trace
flaky, unstable, intermittent, unreliable
test, tests, spec, testing, test case, unit test
coverage, tested code
slow, performance, speed, fast, latency, profile, optimize, bottleneck, slow queries
vulnerability, security, cve, exploit, weakness, secure, scan
trace, span, distributed trace, request flow
metric, metrics, time series, statistics, stats, usage, cpu, memory usage, utilization, measurement, chart
alert, alarm, incident, on call, outage
uptime, health, status, alive, heartbeat, availability
status, state, progress, how far, finished, done yet
server, host, machine, instance, vm, virtual machine, droplet, node, compute
container, pod, docker, image
cluster, kubernetes, k8s
network, firewall, vpc, subnet, ip
load balancer, traffic, rotation, lb, balancing
domain, dns, hostname, record, site name
cdn, edge cache, static assets, worldwide
cache, flush, purge, invalidate
function, lambda, serverless, edge function
website, site, page, web page, url, webpage
web, internet, online, google
scrape, crawl, page content, read website, web page says > scrape, fetch, markdown, extract, page, content
screenshot, picture of the page, screen capture, capture, snapshot, photograph, photo of the screen, picture of the screen
click, press, tap, push the button
type, enter text, fill, input, write in, fill in, keyboard, login box
hover, mouse over, point
scroll, swipe, move down
navigate, go to, visit, open url, browse to, open page
back, go back, previous page
tab, window, browser tab
form, field, input, textbox
dropdown, select, choose, option, pick
element, selector, dom, node
cookie, session storage, local storage
network request, http traffic, xhr, requests
accessibility, a11y, lighthouse, seo
email, mail, message, gmail, inbox, letter
inbox, received mail, arrived > messages, emails, list
draft, compose, unsent
spam, junk, trash
attachment, attached file
calendar, schedule, agenda, appointment, event, meeting
meeting, event, appointment, call, booking
free, busy, availability, available, freebusy, open slot
date, day, time, when, clock
time zone, timezone, noon, local time, what time, o'clock > time, timezone, convert, current
holiday, leave, vacation, time off, pto, absence
payroll, salary, wages, pay
payment, pay, paid, money, charge, transaction, payment intent, payout
refund, money back, give back money, return payment, credit note
invoice, bill, billing, receipt
price, cost, rate, quote, fee, how much, pricing, ticker
product, item, goods, sku, merchandise
subscription, recurring, monthly, plan, membership
discount, coupon, promotion, promo, voucher
balance, funds, account balance, how much money
bank, account, transaction, statement
tax, vat
order, purchase, trade, buy, sell
dispute, chargeback, complaint
stock, inventory, supply
crypto, bitcoin, coin, currency, ticker
exchange, market, trading, orderbook
leverage, margin, futures, derivative, short
database, db, sql, postgres, mysql, sqlite, data store
query, sql, statement, select
table, relation, entity
schema, structure, columns, fields, definition, tables
column, field, attribute, property
row, record, entry, line, document
collection, set, table
index, vector index, embedding, meaning, semantic
rerank, order by relevance, sort by relevance, reorder results
connection string, connection url, address to connect, dsn, connect to database
migration, schema change, upgrade, newer version
upgrade, update, newer, bump, version migration
backup, snapshot, dump, save a copy
branch database, copy of the database > branch, clone
bucket, object storage, blob, storage, s3, container
file, document, path
folder, directory, path
read file, open file, contents of file, what is in the file > read, file, contents, get
write file, save, put content, store on disk, overwrite > write, file, create
replace, substitute, swap, edit
grep, search text, inside files, in the code, occurrences, pattern, regex > search, grep, code, files
tree, hierarchy, nested, structure
size, how big, disk space, storage usage
process, program, running, task manager
command, shell, terminal, bash, script
code, source, snippet, program, script
run code, python, javascript, execute snippet > run, code, execute
symbol, definition, where defined, usage, callers, references
dependency, package, library, module, npm
framework, sdk, quickstart
component, widget, ui, interface, control
design, figma, mockup, layout, prototype
color, colour, palette, theme
image, picture, photo, graphic, icon, visual
similar, looks like, resembles, nearest, alike > similar, similarity, visual, search, nearest
video, clip, movie, youtube
transcript, caption, captions, subtitles, what was said
audio, sound, voice, music, speech
diagram, flowchart, flow chart, sequence diagram, mermaid, draw
draw, sketch, render, plot, visualize, diagram
chart, graph, plot, visualization
pie, share of, proportion
bar, column chart
line chart, trend, over time
treemap, nested rectangles, hierarchical data
sunburst, rings
map, location, geography, place
geocode, address to coordinates, latitude, longitude, coordinates, where is
reverse geocode, which address
route, directions, way, path, travel, drive, driving, navigate, how to get
distance, how far, travel time, how long does it take, drive between, matrix
places, restaurant, eat, nearby, shop, business, points of interest, poi, local
elevation, height, altitude
gps, trace, track, snap to road, map matching
area, polygon, zone, region, boundary
weather, forecast, temperature
spreadsheet, sheet, excel, worksheet, google sheets, workbook
cell, range, cells
append, add rows, add to the end
chart sheet, pivot
slides, presentation, deck
document, doc, page, wiki, article, note, text
pdf, pages
markdown, plain text, rich text
block, paragraph, section
template, boilerplate, preset
form, survey, questionnaire, response
feature flag, feature toggle, flag, toggle, rollout, experiment, variation
experiment, ab test, a/b, variation
environment, staging, production, env
environment variable, setting, settings, config, configuration, env var, app settings, preference, option
secret, password, credentials, vault
ssh, key, public key, access key
api key, token, access token, credential
webhook, callback, hook, integration
mock, fake, stub, dummy, simulated
contract, pact, api spec, openapi, specification
collection, folder of requests, requests
simulator, simulated phone, emulator, sim, iphone, ios, device
android, phone, mobile
app, application, program
launch app, start app, open app > launch, run, build, boot
remember, memorize, memory, keep in mind, save fact, knowledge, recall, note down > create, entities, observations, memory, knowledge, graph
knowledge graph, memory, remembered, facts, what do we know > graph, nodes, knowledge, entities, search
think, reason, step by step, plan, ponder, brainstorm, chain of thought
relation, relationship, edge, connection
question, ask, prompt, query
model, llm, ai, assistant
dataset, data, corpus
recommendation, suggestion, advice, advisor, tips, best practice
limit, quota, rate limit, usage
license, subscription, seat
region, location, datacenter
version, revision, release number
queue, message queue, job queue, topic
event, activity, audit, log, history, timeline, feed
notification, inbox, todo
channel, room, chat, slack, conversation
topic, thread, forum, post, discussion
vote, poll, like
leaderboard, ranking, top
translate, language, localization
ui test, end to end, browser test
object, instance, thing, part, item
property, attribute, value, field
script, lua, code
position, place, coordinates, location
game, roblox, studio
lead, opportunity, crm, deal
news, article, current events, headlines
research, paper, arxiv, academic
company, business, firm, organization
linkedin, professional profile
shopping, ecommerce, store, product page
hotel, flight, travel, booking
next, previous, page through, more results
newest, latest, most recent, last, current
old, stale, outdated, unused, inactive
`;

/** Phrases of one meaning, as lists of words. */
export interface Meaning {
  /** Saying one of these… */
  readonly said: readonly (readonly string[])[];
  /** …may mean one of these. */
  readonly meant: readonly (readonly string[])[];
}

const phrasesOf = (list: string): string[][] => list.split(',').map((phrase) => phrase.trim().split(' ').filter((word) => word !== ''));

/** Every meaning, words as written. */
export const meanings: readonly Meaning[] = `${lines}${jargon}`
  .replaceAll('\n\n', '\n')
  .trim()
  .split('\n')
  .map((line) => {
    const [said = '', meant] = line.split('>');
    return { said: phrasesOf(said), meant: phrasesOf(meant ?? said) };
  });
