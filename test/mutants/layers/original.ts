/** Before an id: the same tests with nothing broken. They must be green, or nothing that turns red says anything. */
export const originalOf = 'original of ';
