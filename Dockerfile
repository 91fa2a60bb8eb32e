# Not built here: what is tested is the archive of `npm run image`. Both hold the files that image/imageFiles.ts lists, and a test holds
# the settings below to image/imageFiles.ts, too.
FROM node:20.20.2-bookworm AS build
WORKDIR /source
COPY . .
RUN npm ci && npm run image -- --root /image

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
ENV PATH=/bin
WORKDIR /
ENTRYPOINT ["/bin/node", "/sidecarset/sidecarset.js"]
