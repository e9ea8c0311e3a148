/** The text format and scripts of assertions. */
module org.sallyport.text {
    requires transitive org.sallyport.api;

    exports org.sallyport.text;
    exports org.sallyport.text.wast;
}
