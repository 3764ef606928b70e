/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.examples.cli.report;

import java.util.Base64;
import java.util.List;

/** One page of HTML that needs no other file: it contains its plots. Every text is escaped. */
public final class Page {

    private static final String STYLE =
            """
            :root { color-scheme: light; }
            body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
              color: #222; background: #f5f6f8; margin: 0; }
            main { max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
            h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
            h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
            p.lead { font-size: 1.1rem; color: #444; margin: 0 0 1.2rem; max-width: 46rem; }
            p, li { max-width: 52rem; }
            figure { margin: 1rem 0; background: #fff; border: 1px solid #e1e4e8;
              border-radius: 8px; padding: .6rem; }
            figure img { display: block; width: 100%; height: auto; max-width: 860px;
              margin: 0 auto; }
            figcaption { color: #555; font-size: .92rem; padding: .3rem .6rem .2rem; }
            .table { overflow-x: auto; background: #fff; border: 1px solid #e1e4e8;
              border-radius: 8px; margin: 1rem 0; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem;
              font-variant-numeric: tabular-nums; }
            caption { text-align: left; padding: .6rem .8rem; font-weight: 600; }
            th, td { padding: .38rem .8rem; text-align: right; border-top: 1px solid #eceef1;
              vertical-align: top; }
            th:first-child, td:first-child { text-align: left; }
            thead th { background: #fafbfc; color: #444; border-top: 1px solid #e1e4e8; }
            td.note { color: #9a3412; font-size: .82rem; }
            pre { background: #1f2430; color: #e6e6e6; padding: .9rem 1rem; border-radius: 8px;
              overflow-x: auto; font-size: .86rem; }
            footer { margin-top: 3rem; color: #666; font-size: .85rem; }
            """;

    private final String title;
    private final StringBuilder body = new StringBuilder();

    /**
     * Starts a page.
     *
     * @param title its title
     * @param lead the summary, in a sentence or two
     */
    public Page(String title, String lead) {
        this.title = title;
        element("h1", title);
        body.append("<p class=\"lead\">").append(escape(lead)).append("</p>\n");
    }

    private Page element(String name, String text) {
        body.append('<').append(name).append('>').append(escape(text));
        body.append("</").append(name).append(">\n");
        return this;
    }

    /**
     * Adds a heading.
     *
     * @param text the heading
     * @return this page
     */
    public Page heading(String text) {
        return element("h2", text);
    }

    /**
     * Adds a paragraph.
     *
     * @param text its text
     * @return this page
     */
    public Page paragraph(String text) {
        return element("p", text);
    }

    /**
     * Adds a list.
     *
     * @param items its items
     * @return this page
     */
    public Page list(List<String> items) {
        body.append("<ul>\n");
        items.forEach(item -> element("li", item));
        body.append("</ul>\n");
        return this;
    }

    /**
     * Adds a plot.
     *
     * @param png the PNG file
     * @param caption what to see in it
     * @return this page
     */
    public Page figure(byte[] png, String caption) {
        body.append("<figure><img alt=\"").append(escape(caption)).append("\" src=\"data:image/");
        body.append("png;base64,").append(Base64.getEncoder().encodeToString(png)).append("\">");
        element("figcaption", caption);
        body.append("</figure>\n");
        return this;
    }

    /**
     * Adds a table. Cells with words rather than numbers are shown as notes, except in the first
     * column.
     *
     * @param caption its caption
     * @param header the names of the columns
     * @param rows the cells of each row
     * @return this page
     */
    public Page table(String caption, List<String> header, List<List<String>> rows) {
        body.append("<div class=\"table\"><table>\n");
        element("caption", caption);
        body.append("<thead><tr>");
        header.forEach(cell -> element("th", cell));
        body.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            body.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                boolean isNote = i > 0 && row.get(i).length() > 16;
                body.append(isNote ? "<td class=\"note\">" : "<td>");
                body.append(escape(row.get(i))).append("</td>");
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
        return this;
    }

    /**
     * Adds commands or code.
     *
     * @param text the code
     * @return this page
     */
    public Page code(String text) {
        body.append("<pre>").append(escape(text)).append("</pre>\n");
        return this;
    }

    /**
     * Adds the last line.
     *
     * @param text its text
     * @return this page
     */
    public Page footer(String text) {
        return element("footer", text);
    }

    /**
     * Returns the page.
     *
     * @return the text of the file
     */
    public String html() {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<title>"
                + escape(title)
                + "</title>\n<style>\n"
                + STYLE
                + "</style>\n</head>\n<body>\n<main>\n"
                + body
                + "</main>\n</body>\n</html>\n";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
