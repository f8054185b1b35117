from odoo import api, models

from .after_answer import hand_over

_OURS = "kho_dl"


class IrHttp(models.AbstractModel):
    """Words of Odoo's own screens that its Vietnamese lacks, or gives in English, come from our `i18n_extra/`.

    A browser looks for a word with the module that says it, then among the words of all modules. So ours fills what is
    missing by itself; where a module has the word and repeats the English one, this takes that out of its way.
    """

    _inherit = "ir.http"

    @classmethod
    def _post_dispatch(cls, response):
        hand_over(response)
        return super()._post_dispatch(response)

    @classmethod
    def _handle_error(cls, exception):
        answer = super()._handle_error(exception)
        # What was committed before it went wrong is told all the same.
        hand_over(answer)
        return answer

    @api.model
    def _get_translations_for_webclient(self, modules, lang):
        translations, parameters = super()._get_translations_for_webclient(modules, lang)
        ours = {word["id"] for word in translations.get(_OURS, {}).get("messages", ())}
        told = {
            module: {
                **words,
                "messages": tuple(
                    word
                    for word in words["messages"]
                    if module == _OURS or word["id"] not in ours or word["string"] != word["id"]
                ),
            }
            for module, words in translations.items()
        }
        return told, parameters
