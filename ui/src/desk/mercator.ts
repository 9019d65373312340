// Web Mercator (EPSG:3857) in tiles of 256 pixels: what a raster map is drawn with. Coordinates are WGS-84 degrees and are
// taken as they are: those of another system (GCJ-02) would lie some hundred metres off, and nothing here converts them.
export const tile = 256

export interface Place { lon: number; lat: number }
export interface Point { x: number; y: number }

/** Pixels of the whole world at a zoom, from its north-west corner. */
export function project({ lon, lat }: Place, zoom: number): Point {
  const size = tile * 2 ** zoom
  const s = Math.sin((Math.max(-85.05, Math.min(85.05, lat)) * Math.PI) / 180)
  return { x: ((lon + 180) / 360) * size, y: (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * size }
}

export function unproject({ x, y }: Point, zoom: number): Place {
  const size = tile * 2 ** zoom
  const n = Math.PI * (1 - (2 * y) / size)
  return { lon: (x / size) * 360 - 180, lat: (Math.atan(Math.sinh(n)) * 180) / Math.PI }
}

/** The largest zoom at which all places fit into so many pixels, and their middle. */
export function frame(places: Place[], width: number, height: number, most: number): { zoom: number; centre: Place } {
  const lons = places.map((p) => p.lon)
  const lats = places.map((p) => p.lat)
  const corner = (a: typeof Math.min, b: typeof Math.max) => [{ lon: a(...lons), lat: b(...lats) }, { lon: b(...lons), lat: a(...lats) }] as const
  const [nw, se] = corner(Math.min, Math.max)
  let zoom = most
  for (; zoom > 1; zoom--) {
    const a = project(nw, zoom)
    const b = project(se, zoom)
    if (b.x - a.x <= width && b.y - a.y <= height) break
  }
  const a = project(nw, zoom)
  const b = project(se, zoom)
  return { zoom, centre: unproject({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, zoom) }
}

/** The tiles that cover a view whose middle is a place, with where each stands in it. */
export function tiles(centre: Place, zoom: number, width: number, height: number): { key: string; z: number; x: number; y: number; left: number; top: number }[] {
  const c = project(centre, zoom)
  const left = c.x - width / 2
  const top = c.y - height / 2
  const n = 2 ** zoom
  const out = []
  for (let y = Math.floor(top / tile); y * tile < top + height; y++) {
    if (y < 0 || y >= n) continue
    for (let x = Math.floor(left / tile); x * tile < left + width; x++) {
      const wrapped = ((x % n) + n) % n
      out.push({ key: `${zoom}/${x}/${y}`, z: zoom, x: wrapped, y, left: Math.round(x * tile - left), top: Math.round(y * tile - top) })
    }
  }
  return out
}

/** A tile's address by its template. */
export const address = (template: string, at: { z: number; x: number; y: number }) => template.replace('{z}', String(at.z)).replace('{x}', String(at.x)).replace('{y}', String(at.y))
