import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { GraphRenderer } from "@web/views/graph/graph_renderer";

// From this share on an indicator has its full points (models/kho_dl_indicator.py).
const TARGET = 80;
const COLOR = "#d9534f";

// Drawn on the chart and no data of it: one month has a line, too, and nothing can be clicked.
const targetLine = {
    id: "kho_dl_target_line",
    afterDatasetsDraw({ ctx, chartArea, scales }) {
        const y = scales.y.getPixelForValue(TARGET);
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = COLOR;
        ctx.lineWidth = 2;
        ctx.setLineDash([6, 4]);
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y);
        ctx.lineTo(chartArea.right, y);
        ctx.stroke();
        ctx.textAlign = "right";
        ctx.fillText(_t("Target: 80 %"), chartArea.right, y - 6);
        ctx.restore();
    },
};

/** A graph of shares with a line at the target. */
export class IndicatorGraphRenderer extends GraphRenderer {
    getChartConfig() {
        const config = super.getChartConfig();
        const { measure, mode } = this.model.metaData;
        if (measure === "share" && mode !== "pie") {
            config.plugins = [...(config.plugins || []), targetLine];
            config.options.scales.y.suggestedMax = 100;
        }
        return config;
    }
}

export const indicatorGraphView = { ...graphView, Renderer: IndicatorGraphRenderer };
registry.category("views").add("kho_dl_indicator_graph", indicatorGraphView);
