import { MediaQuery } from 'svelte/reactivity';

/** A diagnostic screen at its own resolution (8 megapixels and more, no scaling): what is written is written larger. As in app.css. */
const LARGE = '(min-width: 3000px)';
const LARGER = 1.4;

const large = new MediaQuery(LARGE);

/** How many times larger words on images are than on an ordinary screen. */
export const wordScale = (): number => (large.current ? LARGER : 1);
