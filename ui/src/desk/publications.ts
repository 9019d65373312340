// What each kind of publication is made of, for its list and its form.
export const kinds = ['directive', 'plan', 'focus', 'rules', 'notice', 'bulletin'] as const
export const levels = ['centre', 'city', 'district', 'department']
export const editions = ['trial', 'formal']
export const modes = ['follow_up', 'precise', 'whole_process']
export const types = ['preventive', 'special', 'routine']
export const sources = ['directive', 'plan', 'instruction', 'figures', 'appeals']
