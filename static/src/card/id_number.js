import { _t } from "@web/core/l10n/translation";

// The shapes of `models/common/id_number.py`, which has the last word.
const LENGTHS = [9, 10, 12, 13];
// May be a citizen's number without its first zero: the server asks.
const LOST_ZERO = 11;
const LONGEST = 13;
const FILLER = /^(0+\d|(\d)\2+)$/;
// Longer is no number but what a scanner types of a card.
const SHORTEST_CARD = 25;
// Its first field is a number, and something parts it from the next.
const CARD_BEGIN = /^\d{12}[^\d\s]/;

/** Return `text` without what people write between the digits of a number, and what nobody sees. */
export function compact(text) {
    return text.replace(/[\s.\-'’‘`´\p{Cf}]/gu, "");
}

export function isCard(text) {
    return text.trim().length >= SHORTEST_CARD;
}

/** Return whether `text` is a card as a scanner types it, and not a long name: in a field that has nothing to do with cards. */
export function isStrayCard(text) {
    return isCard(text) && CARD_BEGIN.test(text.trim());
}

/** Return what is wrong with the number `text`, in words, or "". `isLeft`: nothing more is being typed. */
export function numberFault(text, isLeft) {
    const number = compact(text);
    if (!number || isCard(text)) {
        return "";
    }
    // A scan on its way.
    if (CARD_BEGIN.test(number)) {
        return isLeft ? _t("The card could not be read. Scan it again, or type the number.") : "";
    }
    if (/\D/.test(number)) {
        return _t("An id number has digits only.");
    }
    const isShort = number.length < LONGEST && !LENGTHS.includes(number.length) && number.length !== LOST_ZERO;
    if (number.length > LONGEST || (isShort && isLeft)) {
        return _t("%s digits: a person has 12 (9 on an old card), an organisation 10 or 13.", number.length);
    }
    if (LENGTHS.includes(number.length) && FILLER.test(number)) {
        return _t("This number only fills the field: nobody has it, so nobody can be asked about it.");
    }
    return "";
}
