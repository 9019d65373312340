// What somebody typed and has not sent, kept on this machine per subject and act. Nothing but a
// success or the person clears it.
const prefix = 'draft:'

export function readDraft<T extends object>(name: string): T | null {
  try {
    const text = localStorage.getItem(prefix + name)
    return text ? (JSON.parse(text) as T) : null
  } catch {
    return null
  }
}

export function keepDraft(name: string, value: object) {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value))
  } catch {
    // no room or no storage: the form on screen still holds it
  }
}

export function dropDraft(name: string) {
  try {
    localStorage.removeItem(prefix + name)
  } catch {
    // nothing was kept
  }
}

/** Acts with a draft on a subject, so a page can say that something was left unfinished. */
export function draftsOf(subject: string): string[] {
  try {
    const start = `${prefix + subject}:`
    return Object.keys(localStorage).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length))
  } catch {
    return []
  }
}
