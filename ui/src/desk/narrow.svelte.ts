// Whether the window is a phone's: below 700 px tables become cards.
const query = matchMedia('(max-width: 699px)')
let small = $state(query.matches)
const change = () => {
  small = query.matches
}
if (query.addEventListener) query.addEventListener('change', change)
else query.addListener(change)
export const narrow = () => small
