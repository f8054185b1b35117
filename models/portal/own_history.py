from ..common.id_number import ORGANISATION, id_number_kind
from ..common.office_time import moment_words
from ..reporting.person_history import PersonHistory


class OwnHistory(PersonHistory):
    """The same for the person themself, with nobody between: offices, no officers, and nothing that an officer typed.

    Read as superuser, in the companies of the context: a citizen reads no journal. Of businesses, whoever may act for them
    is told who else did.
    """

    @property
    def _is_of_businesses(self):
        return all(id_number_kind(number) == ORGANISATION for number in self._numbers)

    def _asker(self, query):
        return self._staff(query)

    def _staff(self, row, who="user_id"):
        if row[who] == self._env.user:
            return self._env._("You")
        if self._is_of_businesses and row[who].share:
            return self._env._("%(name)s, for the business", name=row[who].name)
        return self._office(row).name

    def _agreed(self, query):
        if self._is_of_businesses:
            return self._env._("The business agreed on %(time)s.", time=moment_words(self._env, query.consent_on))
        return self._env._("You agreed on %(time)s.", time=moment_words(self._env, query.consent_on))

    def _reason(self, row):
        return super()._reason(row) if row.user_id == self._env.user else ""

    def _file_name(self, row):
        # Taken off because it was another person's, perhaps.
        return ""

    def _unknown(self, caller):
        return self._env._("Another agency")
