/**
 * How developers say things in passing, and what tools call them; read like the lines of `thesaurus.ts`. General
 * vocabulary of the trades that MCP servers serve. The names of the servers it is measured on were known, and many of the
 * later lines fit them; the last forty were written with lists of queries at hand, which can measure them no more.
 */
export const jargon = `
put together, draw up, whip up, come up with, produce > create, generate, add, write
kick off, fire off, set off, fire up, get going > run, start, trigger, create, dispatch
bring back, recover, undelete, get back, salvage, revive > restore, undo, recover, untrash, unarchive
hand over, pass on, hand off, reassign > assign, transfer, share, update
take off, take out, strip, pull out, get out > remove, delete
hook up, wire up, tie together, plug in > connect, link, attach, integration
dig into, look into, drill down, look closer, take a look > get, inspect, analyze, investigate, details
pull up, bring up, call up > get, show, open, read
let know, tell everyone, announce, broadcast, inform, drop a line > send, notify, post, message, announcement
fix, repair, solve, sort out, correct > fix, resolve, update, remediate
reopen, open again > reopen, update, open, restore
hide, conceal, put out of sight > hide, archive, minimize
keep an eye, keep track, stay on top > watch, monitor, subscribe, track
double check, make sure, sanity check, is it valid, well formed > validate, verify, check, lint
try out, dry run, rehearse, preview > test, preview, validate, simulate, plan
postpone, push back, delay, defer, reschedule, hold off > update, reschedule, move, snooze, pause
scale, resize, grow, shrink, enlarge, bigger, smaller > resize, scale, update
rotate, regenerate, reissue, renew > rotate, regenerate, reset, refresh, renew
unsubscribe, opt out, leave > unsubscribe, remove, leave, delete
browse, flip through, go through, page through > list, search, get
jot down, write down, make a note > create, note, add, write
chop, trim, cut, crop > crop, trim, split, resize
glue together, stitch, concatenate, bundle > merge, combine, join, union
pick, choose, select, single out > select, get, set
allow list, whitelist, permit > allow, add, rule, firewall
block, ban, blacklist, forbid > block, ban, deny, disable
wake up, boot, power on, turn on > start, boot, resume, power
power off, switch off, put to sleep > stop, shutdown, pause, power
wait until, wait for, hold until > wait, poll
hand picked, chosen, favourite, favourites, starred > favorite, star, starred, bookmark
who can, allowed to, has access > permissions, access, collaborators, members, roles
what can, capabilities, supported, possible values > list, options, capabilities, schema
breakdown, split by, grouped by, per category > aggregate, group, report, stats
biggest, largest, top, heaviest, most used > list, top, sort, usage, stats
everything about, full details, all info, tell me about > get, describe, details, info
belongs to, owned by, part of > list, get, members
dm, direct message, private message, ping somebody > message, send, conversation, chat, user
react, emoji, thumbs up > reaction, emoji, add
pin, keep on top, stick > pin
mention, tag somebody, at somebody > mention, comment, message
channel, room, group chat, conversation > channel, chat, conversation, group
whiteboard, canvas, drawing board > board, canvas, diagram, drawing
thumbnail, preview image, poster > thumbnail, image, preview
spend, spending, expenses, costs, how expensive > cost, usage, billing, spend, invoice
outage, downtime, went down, unreachable > incident, alert, uptime, status, health
stack trace, crash report, backtrace, crashes > error, issue, event, exception, stacktrace
on call, pager, who is on duty > oncall, schedule, incident
feature request, idea, wish > issue, feature, story, create
backlog, todo list, open work, my plate > issues, tasks, work, items, assigned
subtask, sub task, child item, checklist, break down work > subtask, child, checklist, sub, issue
blocker, blocked by, depends on > link, relation, dependency, block
effort, points, estimation, how long will > estimate, points, worklog
time spent, hours worked, timesheet, log hours > worklog, time, entry, track
velocity, burndown, how is the sprint going > sprint, report, progress, board
release notes, what changed, what is new > changelog, releases, release, commits, compare
who wrote, last touched, who changed this, authorship > blame, log, commits, history
uncommitted, unstaged, pending changes, local changes, dirty files > status, diff
put aside, shelve work, set aside, park changes > stash
squash, fold commits, rewrite history, clean up history > rebase, squash
cherry pick, bring over one commit > cherry, pick
conflict, clash, overlapping edits > conflict, conflicts, merge, resolve
second checkout, parallel working copy, separate working directory > worktree
remote copy, origin, upstream > remote, fetch, push, pull
get latest, catch up, bring up to date > pull, fetch, sync, update, rebase
send commits, upload commits, share my commits > push
start a repository, new repository, version control this folder > init, create, repository
line comment, inline remark, suggestion on code > comment, review, pull, request, thread
sign off, approve changes, lgtm, looks good > approve, review, pull, request
request changes, send back, not good enough > review, request, changes, unapprove
ready for review, no longer draft > update, pull, request, draft
merge in, land, ship it > merge, pull, request
build output, build product, artefact, binaries > artifact, artifacts, build, download
build machine, runner, agent, worker > runner, agent, pool
run again, retry, kick again, re-trigger > rerun, retry, run, trigger
why did it fail, what went wrong, broken, red build > logs, failure, failed, errors, diagnose, job
build settings, ci config, pipeline definition > config, pipeline, workflow, validate
leaked, exposed credential, secret in code > secret, scanning, alert
vulnerable packages, outdated packages, insecure dependencies > dependabot, vulnerability, advisories, dependencies, alerts
code smell, technical debt, messy code > issues, quality, analysis, code
duplicated code, copy paste code > duplication, clones, quality
untested, test gaps > coverage
manifest, yaml, resource definition > resource, manifest, apply, create, get
replicas, number of instances, how many copies > scale, replicas, deployment, resize
shell into, inside the container, run in pod > exec, pod, run
resource usage, how busy, hungry, load > top, metrics, usage, cpu, memory
crash looping, keeps restarting, unhealthy > pods, events, logs, status
chart release, package manager for kubernetes > helm, install, list
why is it slow, execution plan, query plan > explain, slow, query, performance, plan, profiler
foreign keys, how tables relate > relationships, schema, describe, table
column types, what fields, shape of data > schema, describe, columns, fields
how many rows, record count > count, rows, aggregate, stats
expire, time to live, lifetime > expire, ttl
unique values, distinct > distinct, aggregate
group by, rollup, totals per > aggregate, group
insert or update, add or change > upsert
empty a table, wipe rows > delete, truncate, drop, many
put documents, add records, add rows, save records > insert, upsert, create, append, many
raw statement, run a statement, ad hoc query > execute, query, sql, run
pull data, export rows, dump data > export, query, find, read
hit enter, press enter, keystroke, shortcut, hotkey > press, key, keyboard
tick, checkbox, radio button > check, click, select, form
drag and drop, drag > drag, drop
popup, dialog, modal, alert box, confirm box > dialog, handle, accept, dismiss
choose a file, file chooser, attach a file > upload, file
run javascript, execute in the page, console code > evaluate, script, execute, javascript
pdf of the page, print the page > pdf, save, print
page source, markup, html source > html, content, snapshot, page, dom
phone view, mobile view, window size, viewport > resize, emulate, viewport, device
slow network, throttle, offline mode > emulate, network, throttle
what the page logged, browser console > console, messages, logs
what the page requested, http calls, api calls of the page > network, requests
record, recording, capture session > record, start, trace, video
shut the browser, close window > close, browser
payment page, checkout link, pay link > payment, link, checkout, create
unpaid, outstanding, owes > invoice, invoices, list, overdue
stop billing, cancel plan, end membership > cancel, subscription
how much did we make, revenue, earnings, takings > balance, revenue, transactions, payments, report
mark as read, unread, flag mail > modify, mark, update, label, email
pass along, forward > forward, send
out of office, auto reply, vacation responder > vacation, responder, auto, settings
sort mail automatically, mail rule > filter, rule, create
book, put on the calendar, set up a meeting, pencil in > create, event, calendar, schedule
call off, cancel a meeting > delete, cancel, event
accept invitation, rsvp, going > respond, event, invite
when am i free, find a time, open slot > freebusy, availability, free, busy, calendar
address book, contacts, phone number > contact, contacts, people, person
write up, wiki page, knowledge base > page, document, article, create, wiki
bullet, paragraph, heading, text block > block, append, paragraph, content
formula, calculation > formula, cell, values, calculate
tab of a spreadsheet, new tab > sheet, worksheet, add, create
colour cells, make bold, highlight > format, style, cells
deck, slide show > presentation, slide, slides
error rate, spike, anomaly > errors, metrics, anomaly, query
silence, mute alert, stop paging > silence, mute, alert, downtime
log lines, entries, what happened > logs, log, entries, events, search
dashboards, panel, charts of a service > dashboard, panel, widget, metrics
screen design, layers, frame, artboard > design, frame, node, nodes, file
colours and fonts, design tokens, styles > variables, styles, tokens, theme
save as picture, export picture, png, svg > export, image, images, download, render
draw a picture, make a picture, picture from words, illustration > generate, image, create
cut out, remove backdrop, transparent > background, remove, image
sharpen, upscale, higher resolution > upscale, enhance, image
convert video, different format > transcode, convert, transform, format
whole site, every page, all pages of > crawl, map, site, scrape
structured data, pull fields out of pages > extract, scrape, structured
feed, headlines, articles about > news, search, feed
what is in this folder, folder contents, files here > list, directory, files
new folder, make a folder > create, directory, folder
file details, modified when, how large > info, metadata, stat, file, get
find files by name, wildcard, matching names > search, glob, find, files
last lines, first lines, tail > read, tail, head, file
change lines, change part of a file > edit, patch, file, replace
jump to definition, declared, where is it defined > definition, symbol, find
who calls, used where, usages > references, callers, usages
outline, structure of a file, list of functions > symbols, outline, structure, overview
device logs, phone logs > logs, log, device, simulator, capture
tap, swipe, touch screen > tap, swipe, gesture, touch
install on the phone, put on the device > install, app, device, simulator
serverless, lambda, background function > function, functions, deploy
certificate, https, ssl, tls > certificate, ssl, tls
private network, virtual network > vpc, vnet, network
public address, static address, fixed ip > ip, reserved, floating, address
disk, extra storage, block storage > volume, disk, attach, storage
image repository, container images, docker images > registry, repository, repositories, image, tags
message broker, pub sub, stream > queue, topic, eventhub, event, kafka, stream, servicebus
gradual rollout, percentage of users, canary > rollout, flag, percentage, targeting, update
audience, cohort, targeting > segment, targeting, context
automation, zap, flow > workflow, automation, node, trigger
canned response, fake server, pretend api > mock, stub, response, server
saved requests, request folder > collection, request
base url, variables of a request > environment, variables
fact, remember about, learned > memory, observation, observations, entities, add
who is, look up a person, profile of > user, users, profile, search, person, get
where am i, my location, my ip > location, ip, current, geolocation
how to get from, commute, walking, cycling > directions, route, matrix
along the way, close to, around here > nearby, places, search, category, poi
reachable within, how far can i get > isochrone, reachable, range
picture of a map, map image > static, map, image
sign in provider, single sign on, identity provider, login option > connection, auth, application, provider
login page look, brand of the login > branding, theme, form
hook into login, after somebody signs in > action, trigger, flow, hook
user locked out, cannot log in > user, block, unblock, reset, password
forgot password, new password > reset, password
crawl results, search results page > search, engine, serp, scrape
screenshot compare, visual change, looks different > visual, snapshot, diff, screenshot
slow tests, longest tests, test history > tests, performance, results, runs
sometimes fails, unreliable test, random failures > flaky, tests
recent builds, last pipelines, build history > list, runs, pipelines, builds, recent
media, photos, uploads, pictures > asset, assets, image, resource
tagged with, labelled > tag, tags, label, search
board of posts, community post, thread reply > topic, post, create, reply
due tomorrow, due this week, due today, deadline > tasks, date, due, find
repeat every, every week, each monday > recurring, schedule, due
section, column of a board, swimlane > section, column, board, list
diagram from text, flow diagram, architecture picture > diagram, mermaid, drawio, create
coding standard, style problems, style guide > lint, eslint, rules, patterns
company research, research a company > company, research, search
similar pages, pages like this > similar, find
deep research, long investigation > research, deep, start
design components in code, code from design > code, design, connect, figma
mobile push, push notification > messaging, send, notification, push
hosting, put site online, publish site, live site > deploy, hosting, site
security rules, who can read data > rules, security, get, validate
crash statistics, app crashes, most common crash > crashlytics, issues, top, crash
remote settings, config for clients > remote, config, template
log query, filter logs, search the logs > logs, entries, list, query
time series, metric history, graph over time > metrics, time, series, query
slow requests, latency trace > traces, trace, list, search
process types, workers, dynos, running processes > ps, dyno, process, list, scale
add on, extension service, plugin > addon, addons, plugin, extension
app maintenance, take app offline > maintenance, on, off
desktop app window, native window > window, webview, manage
pod output, container output > logs, pod, pods
what is running in the cluster, workloads > pods, list, resources, deployments
nodes of the cluster, machine usage > nodes, top, stats
chat group, team chat, group members > chat, members, create
multi dimensional table, base, records of a base > bitable, record, table, app
experiment results, which variant wins > experiment, results, metric
flags nobody uses, old flags, stale flags > flag, flags, stale, status, health, cleanup
environments of a project, staging settings > environment, list
address to point, point to address, find an address > geocode, reverse, search
travel time between many, distance table > matrix
round trip, best order of stops, delivery route > optimization, route
gps noise, clean up a gps track > map, matching
what is at, place details, opening hours > place, details, search
rows of an entity, crm record > record, query, entity
line graph, show values over months, evolution > line, chart
share, percentages of a whole, proportions > pie, chart
compare categories, bars > bar, column, chart
scores on several axes, spider chart > radar, chart
flow between, energy flow > sankey, chart
stock prices, open high low close > candlestick, chart, ohlcv
distribution, spread of values, quartiles > boxplot, histogram, chart
correlation, points, two variables > scatter, chart
organisation tree, hierarchy picture > tree, organization, chart, treemap
fetch a page as text, readable page, article text > fetch, markdown, readable, text
subtitles of a video, what is said in a video > transcript, youtube
spreadsheet values, numbers in a range > values, get, range, read
write into cells, fill cells > update, values, write, range
current price, price of a coin, market price > ticker, fetch, price
bids and asks, depth of the market > order, book
past trades, executed trades > trades, history, fetch
place an order, buy coins, sell coins > create, order
search for text in code, look for a word in files > search, grep, ripgrep, code
snippet runner, try some code > run, code, execute
create a fork, own copy of the repository > fork, repository
files of a pull request, changed files > files, diff, pull, request, changes
checks passed, is the pull request green > status, checks, pull, request
read several files, many files at once > read, multiple, files
folder tree, nested folder listing > directory, tree
forget, erase from memory > delete, entities, observations, relations
connect two facts, relationship between > create, relations
pages of a pdf, text of a pdf > pdf, read, pages, display
list databases, which databases > list, databases
list tables, which tables > list, tables, collections, schema
atlas cluster, hosted cluster, database user > atlas, cluster, user, create
index usage, missing index, better index > index, indexes, performance, advisor, collection
size of a collection, database size > storage, size, stats, collection, db
component docs, how to use component > docs, component, fetch, use
check a workflow, is my workflow valid > validate, workflow
available nodes, integration nodes > search, nodes, node
workflow templates, ready made workflow > templates, search, template
sheet picture, screenshot of the sheet > screen, capture, sheet, excel
temporary database, database copy for testing > branch, create
undo a migration, finish a migration > migration, complete, prepare
tune a query, make query faster > tuning, query, optimize, slow, explain
site forms, form entries > form, forms, submissions
forks of a pull request, who reviews > reviewers, pull, request
read a page, page content, text of a page > page, get, retrieve, block, children, fetch
comment on a page, discuss a page > comment, create
search pages, find a document > search, page, query
database of pages, filter entries > query, data, source, database
add vectors, store texts for search > upsert, records, index
ranking, order by relevance > rerank, documents
api collection, saved request > collection, request
api documentation, api spec, spec file > spec, definition, openapi
watch an api, scheduled api check > monitor, create, run
parts in the game, objects in the scene > instance, object, children, create
game script, script source > script, source, get, set, edit
subtask of, break a task down > subtask, subtasks, create
portfolio, goals of the company > portfolio, goal
errors in production, latest errors, unresolved errors > issues, search, list, errors
who broke it, suspect commit > issue, details, suspect, commits, analyze
root cause by ai, automatic fix > seer, analyze, fix, issue
email signature, sending identity > send, as, signature
email drafts, unsent mail > draft, drafts, list
trash mail, delete conversation > trash, thread, message, delete
stop forwarding, forwarding address > forwarding, address, delete
graphql of the shop, shop api > schema, introspect, graphql, admin
story, epic, iteration of the team > story, stories, epic, iteration
test management, test cases of a release > test, case, cases, create, fetch
contract between services, consumer provider > pact, contract, can, deploy, provider
give money back, return money > refund, create
sell something, sellable item > product, price, create
money left, available money > balance, retrieve
charge later, bill a customer > invoice, create, item, finalize
server side function, edge code > edge, function, deploy, functions
security advice, performance advice > advisors, get
generate types, types for the database > typescript, types, generate
infrastructure module, terraform building block > module, modules, search, details
infrastructure provider, resource documentation > provider, docs, details
wiki of the project, project wiki > wiki, page, list, get
board items, work item query, wiql > query, work, items, wiql
time in tokyo, what time is it there > time, current, timezone, convert
background process, still running command > process, session, list, sessions, output
stop a process, kill a command > kill, process, terminate, force
run a terminal command, shell command > start, process, execute, command
run the app on a phone, launch in simulator > launch, build, run, simulator, app
build for a device, compile the app > build, device, simulator, xcodebuild
supplier bills, money we owe > bill, bills, invoices, list
customer invoices, sales invoice > invoice, invoices, create, list
bank movements, bank transactions > bank, transactions, list
trial balance, profit and loss, balance sheet > report, profit, loss, trial, balance
paid leave, holiday balance > leave, balance, payroll
bin, in the bin, into the bin > trash, delete
email conversation, mail conversation, whole conversation > thread, conversation
dms, unread dms > private, messages, direct, list
tweet, tweets > x, twitter, posts, post
likes, views, followers > posts, post, profile, insights
take it back, previous release, last good version > rollback, revert, previous
put on top, best first, order passages > rerank, sort, rank
passage, passages, chunk, chunks > documents, records
hooked up, get connected, attach to > connect, link
income statement, earnings statement, made or lost > profit, loss, report
balance of leave, days off left, vacation days, holiday days > leave, balances, leaves
worked this week, worked this month, hours of somebody > timesheet, timesheets, hours
dev copy, dev copies, test copy, throwaway copy > branch, branches
states of, goes through, life cycle > workflow, workflows, states, statuses
film, footage, screen recording > record, video
pretend to be, spoof, fake identity > emulate, custom, agent
phone screen, screen size, tablet size > resize, emulate, device, viewport
leftovers, stray files, not in version control, untracked > clean, untracked
extras, paid extras, extra services > addons, addon
plugins, plugin installed > extensions, extension, plugins
lock somebody out, keep somebody out, suspend an account > disable, block, update, user
read aloud, narrate, say aloud, speak > speech, tts, synthesize
transcribe, dictate, speech to text > speech, stt, recognize, transcript
text message, text somebody, sms > sms, send
middle of, centre, center > centroid, center
enclosing, surrounding rectangle, bounding box > bbox, envelope, convex
order of stops, quickest sequence, deliveries > optimization, route
epoch, unix time, seconds since > timestamp, convert
owe us, owes money, has not paid, paid us yet > receivables, aged, outstanding, overdue
name points at, point a name, point www > record, domain, dns
security holes, weak spots, loopholes > vulnerabilities, advisors, audit, security
cannot start until, waits for another, has to come first > dependencies, dependency, link, relation
finalise, finalize, lock a draft > finalize, submit
relay mail, relayed to, another inbox > forwarding, forward, address
check is displayed, assert visible, is it on the page > verify, visible, assert
open together, several files at once > read, multiple, files
hand it to somebody, give it to somebody > assign, update, collaborators
saved search, saved view, saved filter > filter, filters, query, view
onboarding page, page of the wiki > wiki, page, get
never run again, stop the nightly > delete, schedule, disable
customer called, log a call > annotation, note, activity, create
how does it work, new to this codebase, walk me through > explore, explain, overview, search
`;
