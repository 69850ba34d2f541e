import { createDashboard } from './dashboard/dashboard.ts'
import { connect } from './dashboard/live.ts'
import { writeWaits } from './dashboard/notification-panel.ts'
import { language, texts } from './dashboard/texts.ts'

const waitStepMs = 1000

const app = document.querySelector('#app')
if (!app) throw new Error('the page has no #app')

document.documentElement.lang = language()
document.title = texts.title
const draw = createDashboard(app)
connect((view) => {
  draw(view)
  writeWaits()
})
setInterval(writeWaits, waitStepMs)
