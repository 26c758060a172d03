import { sum } from './sum.js'

export const wrong: string = sum([{ name: 'a' }])
