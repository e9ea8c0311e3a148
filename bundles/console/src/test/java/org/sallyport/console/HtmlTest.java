package org.sallyport.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.host.Latency;

/** What others call things leaves no markup in the page. */
class HtmlTest {
    @Test
    void textHasNoMarkup() {
        assertThat(new Html().element("td", "a\"b", "<script>alert('x')</script>&\u0007\nnext").toString())
                .isEqualTo("<td class=\"a&quot;b\">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&#92;u{7}\nnext</td>");
        assertThat(new Html().hidden("plugin", "\"><img src=x>").toString()).doesNotContain("<img");
        assertThat(Html.escape("${plugin}")).as("a variable of the web console's").isEqualTo("&#36;{plugin}");
    }

    @Test
    void graphsHaveNone() {
        String graph = new Graph("from", "to")
                .node(0, "a", "<b>", "good").node(1, "b", "a name that is longer than a box may be", "bad")
                .edge(0, "a", 1, "b", "bad").toString();

        assertThat(graph).startsWith("<svg").endsWith("</svg>").contains("&lt;b&gt;").doesNotContain("<b>")
                .contains("a name that is longer tha…</text>").containsOnlyOnce("<path class=\"bad\"");
    }

    @Test
    void chartsShowEachPowerOfTwo() {
        List<Long> counts = new ArrayList<>(Collections.nCopies(48, 0L));
        assertThat(LatencyChart.of(new Latency(counts))).contains("no call was measured");
        counts.set(9, 90L);
        counts.set(20, 10L);

        assertThat(LatencyChart.of(new Latency(counts)).split("<rect")).hasSize(13);
        assertThat(LatencyChart.of(new Latency(counts)))
                .contains("90 calls below 1.02 µs", "half below 1.02 µs, 90 % below 1.02 µs, 99 % below 2.10 ms");
    }

    @Test
    void failuresOfEachPluginAreKept() {
        EventLog log = new EventLog();
        for (int i = 0; i < 10; i++) {
            log.add("p", "TRAP", "trap " + i);
        }
        for (int i = 0; i < 600; i++) {
            log.add("q", "STATE", "is ACTIVE");
        }
        assertThat(log.failures("p")).hasSize(5).first().satisfies(e -> assertThat(e.message()).isEqualTo("trap 9"));
        assertThat(log.after(0, _ -> true)).hasSize(500);
        assertThat(log.after(608, _ -> true)).hasSize(2);
        assertThat(log.failures("r")).isEmpty();
    }
}
