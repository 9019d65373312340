// The incident that this tab's commands are entered under, when it is not the current one: an exercise, a second flood.
// Kept for the tab only, so that nobody works in yesterday's exercise by mistake.
export interface Chosen { id: string; zh: string; en: string; exercise: boolean }

function kept(): Chosen | null {
  try {
    return JSON.parse(sessionStorage.getItem('incident') ?? 'null') as Chosen | null
  } catch {
    return null
  }
}
let chosen = $state.raw<Chosen | null>(kept())
export const chosenIncident = () => chosen

export function chooseIncident(incident: Chosen | null) {
  chosen = incident
  try {
    incident ? sessionStorage.setItem('incident', JSON.stringify(incident)) : sessionStorage.removeItem('incident')
  } catch {
    // kept until the page is closed
  }
}
