{
    "name": "Kho DL on tasks",
    "summary": "An example: a task of a project asks for the papers that its customer already holds",
    "version": "19.0.1.0.0",
    "author": "Kho DL for Odoo contributors",
    "license": "LGPL-3",
    "depends": ["kho_dl", "project"],
    "data": ["project_views.xml"],
}
