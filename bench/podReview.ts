/** An AdmissionReview of about 9 KB, as an API server sends it for a pod of a Deployment with one busy container. */
export function podReview(envVars = 41): string {
  const env = [
    { name: "TZ", value: "Europe/Berlin" },
    ...Array.from({ length: envVars - 1 }, (_, index) => ({
      name: `SETTING_${index}`,
      value: `value of setting ${index}`,
    })),
  ];
  const volumeMounts = Array.from({ length: 12 }, (_, index) => ({
    name: `volume-${index}`,
    mountPath: `/mnt/volume-${index}`,
  }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "web-7c9f8d5b6-",
      namespace: "shop",
      labels: { app: "web", "pod-template-hash": "7c9f8d5b6", team: "shop", tier: "front" },
      annotations: Object.fromEntries(
        Array.from({ length: 8 }, (_, index) => [`example.com/note-${index}`, `some note ${"x".repeat(60)}`]),
      ),
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "web-7c9f8d5b6",
          uid: "3e1c4c2a-3c43-4be5-8ddb-0c7c2f5ef1a1",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [
        {
          manager: "kube-controller-manager",
          operation: "Update",
          apiVersion: "v1",
          fieldsType: "FieldsV1",
          fieldsV1: managedFields(env),
        },
      ],
    },
    spec: {
      containers: [
        {
          name: "web",
          image: "registry.example/web:1.27.0",
          env,
          volumeMounts,
          ports: [{ containerPort: 80, protocol: "TCP" }],
          resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "512Mi" } },
          readinessProbe: {
            httpGet: { path: "/", port: 80, scheme: "HTTP" },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
          imagePullPolicy: "IfNotPresent",
        },
      ],
      volumes: volumeMounts.map(({ name }) => ({ name, emptyDir: {} })),
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
      securityContext: {},
      schedulerName: "default-scheduler",
    },
    status: {},
  };
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "0c7c2f5e-3c43-4be5-8ddb-3e1c4c2af1a1",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      requestKind: { group: "", version: "v1", kind: "Pod" },
      requestResource: { group: "", version: "v1", resource: "pods" },
      namespace: "shop",
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:kube-system:replicaset-controller",
        groups: ["system:serviceaccounts", "system:authenticated"],
      },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });
}

function managedFields(env: readonly { readonly name: string }[]): object {
  const fields = Object.fromEntries(
    env.map(({ name }) => [`k:{"name":"${name}"}`, { ".": {}, "f:name": {}, "f:value": {} }]),
  );
  return { "f:spec": { "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:env": { ".": {}, ...fields } } } } };
}
