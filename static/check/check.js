/* The public page of checks: the hash is made here, so the file stays where it is. Without this script, or where the
 * browser has no crypto.subtle (an address that is not encrypted), the form sends the file. */
(() => {
    const form = document.querySelector("#kho_dl_check");
    if (!form || !window.crypto?.subtle) {
        return;
    }
    const input = form.elements.file;
    const said = form.querySelectorAll("[data-says]");
    form.querySelector(".o_kho_dl_sent").hidden = true;
    form.querySelector(".o_kho_dl_kept").hidden = false;

    const verdict = document.querySelector("#kho_dl_verdict");
    const say = (what) => {
        said.forEach((words) => (words.hidden = words.dataset.says !== what));
        // What was found of another file is not to stand above this one.
        verdict && (verdict.hidden = Boolean(what));
    };
    const hashOf = async (file) => {
        const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
        return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    };
    const check = async () => {
        const [file] = input.files;
        if (!file) {
            return input.reportValidity();
        }
        if (file.size > Number(form.dataset.mostBytes)) {
            return say("large");
        }
        say("busy");
        try {
            form.elements.sha256.value = await hashOf(file);
        } catch {
            return say("unreadable");
        }
        // What is disabled is not sent, and a form without a file is small.
        input.disabled = true;
        form.enctype = "application/x-www-form-urlencoded";
        form.submit();
    };

    form.addEventListener("submit", (ev) => {
        ev.preventDefault();
        check();
    });
    input.addEventListener("change", check);
    form.addEventListener("dragover", (ev) => ev.preventDefault());
    form.addEventListener("drop", (ev) => {
        ev.preventDefault();
        if (ev.dataTransfer.files.length) {
            input.files = ev.dataTransfer.files;
            check();
        }
    });
    // The page as the browser keeps it for the way back.
    window.addEventListener("pageshow", () => {
        input.disabled = false;
        form.enctype = "multipart/form-data";
        say("");
    });
})();
