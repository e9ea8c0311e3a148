/** All of Sallyport that a Java program needs: the embedding API, the text format and WASI to see, the engine behind them. */
module org.sallyport {
    requires transitive org.sallyport.api;
    requires transitive org.sallyport.host;
    requires transitive org.sallyport.text;
    requires transitive org.sallyport.wasi;
    requires transitive org.sallyport.wasm;

    requires org.sallyport.codegen;
    requires org.sallyport.engine;
    requires org.sallyport.loader;
    requires org.sallyport.store;
    requires org.sallyport.validator;
}
