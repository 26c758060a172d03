export interface Item {
  name: string
  price: number
  count: number
}

export const item = (name: string, price: number, count = 1): Item => ({ name, price, count })
