/**
 * How developers say things in passing, and what tools call them; read like the lines of `thesaurus.ts`. General
 * vocabulary of the trades that MCP servers serve, written down without looking at any list of queries.
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
`;
