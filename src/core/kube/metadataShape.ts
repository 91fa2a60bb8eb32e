import { ANY, always, BOOLEAN, INT64, listOf, mapOf, nonEmpty, objectOf, present, STRING, TIME } from "./shape.ts";

export const LABEL_SELECTOR = objectOf(
  nonEmpty("matchLabels", mapOf(STRING, "label keys to values")),
  nonEmpty(
    "matchExpressions",
    listOf(objectOf(always("key", STRING), always("operator", STRING), nonEmpty("values", listOf(STRING)))),
  ),
);

export const OBJECT_META = objectOf(
  nonEmpty("name", STRING),
  nonEmpty("generateName", STRING),
  nonEmpty("namespace", STRING),
  nonEmpty("selfLink", STRING),
  nonEmpty("uid", STRING),
  nonEmpty("resourceVersion", STRING),
  nonEmpty("generation", INT64),
  always("creationTimestamp", TIME),
  present("deletionTimestamp", TIME),
  present("deletionGracePeriodSeconds", INT64),
  nonEmpty("labels", mapOf(STRING, "label keys to values")),
  nonEmpty("annotations", mapOf(STRING, "annotation keys to values")),
  nonEmpty(
    "ownerReferences",
    listOf(
      objectOf(
        always("apiVersion", STRING),
        always("kind", STRING),
        always("name", STRING),
        always("uid", STRING),
        present("controller", BOOLEAN),
        present("blockOwnerDeletion", BOOLEAN),
      ),
    ),
  ),
  nonEmpty("finalizers", listOf(STRING)),
  nonEmpty(
    "managedFields",
    listOf(
      objectOf(
        nonEmpty("manager", STRING),
        nonEmpty("operation", STRING),
        nonEmpty("apiVersion", STRING),
        present("time", TIME),
        nonEmpty("fieldsType", STRING),
        present("fieldsV1", ANY),
        nonEmpty("subresource", STRING),
      ),
    ),
  ),
);
