package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GraphParserTest {
    private static final String TEXT = """
            function 3 (i32, i64) -> (i32)
            b0:
              v0:i64 = vmctx
              v1:i32 = arg number=0
              v2:i32 = const -5
              v3:f64 = const 0x3ff0000000000000 ;1.0
              v4:i32 = load.u8 v1 offset=16 memory=0 @0x2f
              v5:i64 = vmload.w64 v0 offset=24 in=constant
              vmstore.u32 v0, v4 offset=64 in=global:3
              v6:i64 = call v1, v3 function=7
              v7:i32 = result v6 number=1
              trap_unless v7 code=undefined_element
              v9:i64 = global_get global=3
              global_set v9 global=4
              v10:i64 = memory_length memory=1
              v11:i32 = table_length table=2
              v12:i64 = table_get v11 table=2
              table_set v11, v12 table=2
              v13:i64 = ref_func function=5
              v14:i32 = func_type v13
              v15:i32 = type_number type=6
              v16:i64 = call_ref v13, v10 type=6 same=1
              call_helper v5, v1, v5 helper=memory_fill memories=0
              br_table v4 b1 b2 cases=0,1,1
            b1:
              jump b3(v4)
            b2: cold
              trap code=unreachable
            b3(v8:i32):
              branch v8 b4 b5
            b4:
              jump b3(v2)
            b5:
              return v8
            """;

    @Test
    void readsWhatThePrinterWrites() {
        Graph graph = GraphParser.parse(TEXT);
        Verifier.verify(graph, "parsing");
        String printed = graph.toString();
        assertThat(GraphParser.parse(printed).toString()).isEqualTo(printed);
        assertThat(printed).contains("trap_unless", "cases=0,1,1", "b2: cold", ";1.0", "@0x2f", "in=global:3", "number=1",
                "global=4", "memory=1", "table=2", "function=5", "type=6 same=1");
    }
}
