/* Words to the office that are not sent yet stay with this tab while another form of the page is sent, or the page is left. */
(() => {
    for (const box of document.querySelectorAll("textarea[data-kho-dl-words]")) {
        const place = `kho_dl ${new URL(box.form.action).pathname}`;
        box.value ||= sessionStorage.getItem(place) || "";
        box.addEventListener("input", () => sessionStorage.setItem(place, box.value));
        box.form.addEventListener("submit", () => sessionStorage.removeItem(place));
    }
})();
