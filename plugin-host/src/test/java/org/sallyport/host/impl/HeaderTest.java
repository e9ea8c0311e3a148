package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderTest {
    @Test
    void readsPathAttributesAndDirectives() {
        assertThat(Header.parse("acme.discount; module=\"a;b,c.wasm\";timeout = 50 ;policy:=pooled;"
                        + "ask.log=\"(&(a=b)(c=d))\""))
                .isEqualTo(Map.of(
                        "id", "acme.discount",
                        "module", "a;b,c.wasm",
                        "timeout", "50",
                        "policy", "pooled",
                        "ask.log", "(&(a=b)(c=d))"));
    }

    @Test
    void readsPathAlone() {
        assertThat(Header.parse(" x ")).isEqualTo(Map.of("id", "x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a,b;c=d    | a second clause, at 1",
        "a;b=c,d    | a second clause, at 5",
        "a;b        | expected name=value, at 3",
        "a;=b;      | expected name=value, at 5",
        "a;b=\"c    | a quoted value does not end",
        "a;b=\"c\"d | expected ; behind a quoted value",
        "a;b=c;b=d  | b is there twice",
    })
    void refuses(String header, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Header.parse(header))
                .withMessageContaining(message)
                .withMessageEndingWith(" in " + header);
    }

    @Property(tries = 500)
    void quotedValuesComeBack(@ForAll String value) {
        assertThat(Header.parse("p;v=" + Header.quote(value) + ";w=1"))
                .isEqualTo(Map.of("id", "p", "v", value, "w", "1"));
    }
}
